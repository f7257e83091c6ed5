import pytest
from django.core.exceptions import ImproperlyConfigured

from warrantydesk import env


@pytest.fixture(autouse=True)
def _own_record(monkeypatch):
    monkeypatch.setattr(env, "SETTINGS", {})


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1", True),
        ("true", True),
        ("YES", True),
        ("on", True),
        ("0", False),
        ("no", False),
        ("off", False),
        ("", False),
    ],
)
def test_flag_reads_the_usual_words(monkeypatch, raw, value):
    monkeypatch.setenv("WD_FLAG", raw)
    assert env.flag("WD_FLAG", not value, "a flag") is value


def test_flag_names_the_setting_when_the_word_is_none(monkeypatch):
    monkeypatch.setenv("WD_FLAG", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="WD_FLAG is 'perhaps'"):
        env.flag("WD_FLAG", True, "a flag")


@pytest.mark.parametrize(
    ("raw", "complaint"), [("many", "a whole number"), ("1.5", "a whole number"), ("0", "at least 1")]
)
def test_number_names_the_setting_when_it_is_none(monkeypatch, raw, complaint):
    monkeypatch.setenv("WD_NUMBER", raw)
    with pytest.raises(ImproperlyConfigured, match=f"WD_NUMBER .*{complaint}"):
        env.number("WD_NUMBER", 3, "a number", least=1)


def test_number_reads_what_is_set(monkeypatch):
    monkeypatch.setenv("WD_NUMBER", "7")
    assert env.number("WD_NUMBER", 3, "a number") == 7


def test_words_splits_at_commas_and_drops_blanks(monkeypatch):
    monkeypatch.setenv("WD_WORDS", " a , b,,c ")
    assert env.words("WD_WORDS", [], "words") == ["a", "b", "c"]


def test_secret_is_read_from_the_file_when_only_the_file_is_named(monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv("WD_SECRET_FILE", str(secret))
    assert env.text("WD_SECRET", "", "a secret") == "s3cret"


def test_every_setting_read_is_recorded_with_its_sentence():
    env.text("WD_ONE", "a", "Says one.")
    env.number("WD_TWO", 2, "Says two.")
    assert [(s.name, s.default, s.says) for s in env.SETTINGS.values()] == [
        ("WD_ONE", "a", "Says one."),
        ("WD_TWO", "2", "Says two."),
    ]
