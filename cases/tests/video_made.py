"""A real video, made at test time by the same ffmpeg that looks at it."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import imageio_ffmpeg


@cache
def real_video(ending: str) -> bytes:
    """One second of a red picture, 64 × 48, taken on 1 June 2025 with a camera of Kam; `ending` is mp4, mov or webm."""
    codec = ["-c:v", "libvpx"] if ending == "webm" else ["-c:v", "mpeg4"]
    told = ["-metadata", "creation_time=2025-06-01T12:34:56Z", "-metadata", "com.apple.quicktime.model=X 100"]
    told += ["-metadata", "com.apple.quicktime.make=Kam", "-metadata", "location=+52.52+013.40/"]
    keep = ["-movflags", "use_metadata_tags"] if ending == "mov" else []
    source = ["-f", "lavfi", "-i", "color=c=red:s=64x48:r=5:d=1"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"clip.{ending}"
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *codec, *told, *keep, str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return path.read_bytes()
