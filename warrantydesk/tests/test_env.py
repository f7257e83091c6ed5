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


@pytest.mark.parametrize(
    ("raw", "number", "found"),
    [
        ("portal_link=12/60", int, {"portal_link": (12, 60)}),
        ("DHL = 0.5/20, ups=0/1", float, {"dhl": (0.5, 20), "ups": (0.0, 1)}),
        ("", int, {}),
    ],
)
def test_rates_are_read(monkeypatch, raw, number, found):
    monkeypatch.setenv("WD_RATES", raw)
    assert env.rates("WD_RATES", number, "rates", form="a=1/2") == found


@pytest.mark.parametrize(
    ("raw", "number"),
    [(raw, number) for raw in ("a", "a=", "a=6", "a=b/c", "a=-1/60", "a=1/0", "a=2/x") for number in (int, float)]
    + [("a=0.5/2", int), ("a=nan/2", float), ("a=inf/2", float)],
)
def test_rates_name_the_setting_and_the_form_when_one_is_wrong(monkeypatch, raw, number):
    monkeypatch.setenv("WD_RATES", raw)
    with pytest.raises(ImproperlyConfigured, match=f"WD_RATES: '{raw}' is not NAME=N/M."):
        env.rates("WD_RATES", number, "rates", form="NAME=N/M")


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
