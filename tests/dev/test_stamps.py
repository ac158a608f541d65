"""A step is done again when, and only when, what it depends on has changed."""

from pathlib import Path

from dev.provision import stamps


def test_same_content_is_current_and_changed_content_is_not(tmp_path: Path) -> None:
    source, stamp = tmp_path / "source", tmp_path / "stamps" / "step"
    source.write_text("one")
    stamps.write(stamp, stamps.digest_of([source]))
    assert stamps.is_current(stamp, stamps.digest_of([source]))
    source.write_text("two")
    assert not stamps.is_current(stamp, stamps.digest_of([source]))


def test_new_renamed_and_missing_files_in_a_folder_count(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    first = stamps.digest_of([tmp_path])
    (tmp_path / "b").write_text("x")
    second = stamps.digest_of([tmp_path])
    (tmp_path / "b").rename(tmp_path / "c")
    third = stamps.digest_of([tmp_path])
    assert len({first, second, third, stamps.digest_of([tmp_path / "none"])}) == 4


def test_order_of_paths_does_not_count_but_the_extra_does(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    assert stamps.digest_of([one, two]) == stamps.digest_of([two, one])
    assert stamps.digest_of([one], extra="v20") != stamps.digest_of([one], extra="v24")


def test_no_stamp_is_not_current(tmp_path: Path) -> None:
    assert not stamps.is_current(tmp_path / "none", stamps.digest_of([]))
