"""What a start removes from a data directory, and what it leaves."""

from __future__ import annotations

from pathlib import Path

from emulator.startup.data_directory import DataDirectory

A_NAME_OF_OURS = "0123456789abcdef" * 2


def test_a_start_removes_the_unfinished_uploads_and_checkpoints_of_a_killed_process(
    tmp_path: Path,
) -> None:
    DataDirectory(tmp_path).close()
    upload = tmp_path / "tmp" / A_NAME_OF_OURS
    upload.write_bytes(b"half a body")
    held = tmp_path / "checkpoints" / A_NAME_OF_OURS / "checkpoint" / "bucket"
    held.mkdir(parents=True)
    (held / "key").write_bytes(b"body")
    notes = [tmp_path / "tmp" / "notes.txt", tmp_path / "checkpoints" / "notes.txt"]
    for file in notes:
        file.write_text("precious")

    DataDirectory(tmp_path).close()

    assert list((tmp_path / "tmp").iterdir()) == notes[:1]
    assert list((tmp_path / "checkpoints").iterdir()) == notes[1:]


def test_what_a_checkpoint_held_is_still_an_object_after_a_start_removed_it(
    tmp_path: Path,
) -> None:
    directory = DataDirectory(tmp_path)
    file = directory.objects / "bucket" / "key"
    file.parent.mkdir()
    file.write_bytes(b"body")
    held = directory.checkpoints / A_NAME_OF_OURS
    held.mkdir(parents=True)
    (held / "key").hardlink_to(file)
    directory.close()

    DataDirectory(tmp_path).close()

    assert file.read_bytes() == b"body"
