import pytest

from figureground.errors import InputError, OutputError
from figureground.writers.examples.sorting import sort_examples

STEMS = ["arena_0_15_len15", "arena_0_30_len15", "arena_1_15_len15", "arena_1_30_len15"]


@pytest.fixture
def made(tmp_path):
    for stem in STEMS:
        folder = tmp_path / "made" / stem[6]
        folder.mkdir(parents=True, exist_ok=True)
        for suffix in (".avi", ".jpg"):
            (folder / f"{stem}{suffix}").write_bytes(f"{stem}{suffix}".encode())
    return tmp_path / "made"


def sort_by(made, text, **options):
    labels = made.parent / "labels.csv"
    labels.write_bytes(text if isinstance(text, bytes) else text.encode())
    return sort_examples(made, labels, made.parent / "sorted", **options)


def files_of(folder):
    return sorted(
        str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file() and one.name[0] != "."
    )


@pytest.mark.parametrize(
    "text",
    [
        "name,behaviour\narena_0_15_len15,rearing\narena_1_30_len15,walking\narena_0_30_len15,\n",
        "Behavior;remark;Name\r\nrearing;;made/0/arena_0_15_len15.avi\r\nwalking;x;arena_1_30_len15.JPG\r\n"
        ";;arena_0_30_len15\r\n",
        "\ufeffname\tbehaviour\narena_0_15_len15\trearing\nC:\\made\\1\\arena_1_30_len15.avi\twalking\n"
        "arena_0_30_len15\n\n",
    ],
)
def test_pairs_are_copied_by_the_list(made, text):
    done = sort_by(made, text)
    assert (done.behaviours, done.unlabelled, done.notes) == ({"rearing": 1, "walking": 1}, 1, ())
    folder = made.parent / "sorted"
    assert files_of(folder) == [
        "rearing/arena_0_15_len15.avi",
        "rearing/arena_0_15_len15.jpg",
        "walking/arena_1_30_len15.avi",
        "walking/arena_1_30_len15.jpg",
    ]
    assert (folder / "walking/arena_1_30_len15.jpg").read_bytes() == b"arena_1_30_len15.jpg"
    assert len(files_of(made)) == 8


def test_letters_that_labgym_cannot_have_are_left_out_and_told(made):
    rows = "name,behaviour\narena_0_15_len15,self-grooming\narena_0_30_len15,up.and_down\n"
    done = sort_by(made, rows)
    assert done.behaviours == {"selfgrooming": 1, "upanddown": 1}
    assert (
        done.notes[0]
        == '"self-grooming" is called "selfgrooming": LabGym takes no _ - , . in the names of behaviours'
    )


def test_one_behaviour_is_told(made):
    done = sort_by(made, "name,behaviour\narena_0_15_len15,rearing\narena_0_15_len15,rearing\n")
    assert done.behaviours == {"rearing": 1}
    assert done.notes == ("there is one behaviour only; LabGym learns to tell two or more apart",)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "needs the columns name and behaviour in its first line; there: none"),
        ("file,label\na,b\n", "there: file, label"),
        ("name,behaviour\n", "no row has both a name and a behaviour"),
        ("name,behaviour\narena_0_15_len15,\n", "no row has both"),
        (
            "name,behaviour\narena_0_15_len15,a\nother_1_15_len15,a\n",
            r"names examples that are not in .*made: line 3: other_1_15_len15$",
        ),
        ("name,behaviour\n" + "".join(f"no{i},a\n" for i in range(5)), "line 4: no2 and 2 more"),
        (
            "name,behaviour\narena_0_15_len15,a\narena_0_15_len15,b\n",
            "line 3: arena_0_15_len15 is 'b' here and 'a' above; keep one",
        ),
        ("name,behaviour\narena_0_15_len15,_-.\n", "has no letter that LabGym can have"),
        (
            "name,behaviour\narena_0_15_len15,a-b\narena_0_30_len15,AB\n",
            "the behaviours 'AB' and 'a-b' would both be 'ab'; rename one",
        ),
        (b"name,behaviour\n\xff\xfe,a\n", "is not UTF-8 text; save it as CSV UTF-8"),
        (b'name,behaviour\n"' + b"x" * 200_000 + b'",a\n', "line 2: cannot be read: field larger"),
    ],
)
def test_lists_that_cannot_be_used(made, text, match):
    with pytest.raises(InputError, match=match):
        sort_by(made, text)
    assert not (made.parent / "sorted").exists()


def test_no_behaviour_leads_out_of_the_folder(made):
    sort_by(made, "name,behaviour\narena_0_15_len15,../../x\narena_0_30_len15,/etc/y\n")
    assert {one.split("/")[0] for one in files_of(made.parent / "sorted")} == {"x", "etcy"}


def test_a_missing_list_folder_or_example(made, tmp_path):
    with pytest.raises(InputError, match="cannot be read: No such file"):
        sort_examples(made, tmp_path / "none.csv", tmp_path / "out")
    with pytest.raises(InputError, match="there is no such folder"):
        sort_examples(tmp_path / "none", tmp_path / "none.csv", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="holds no examples; see: figureground examples check"):
        sort_examples(tmp_path / "empty", tmp_path / "none.csv", tmp_path / "out")


def test_the_same_example_in_two_places(made):
    (made / "again").mkdir()
    for suffix in (".avi", ".jpg"):
        (made / "again" / f"{STEMS[0]}{suffix}").write_bytes(b"")
    with pytest.raises(InputError, match="the same name is at"):
        sort_by(made, "name,behaviour\narena_0_15_len15,a\n")


def test_what_is_there_stays_unless_figureground_wrote_it(made):
    rows = "name,behaviour\narena_0_15_len15,a\n"
    sort_by(made, rows)
    with pytest.raises(OutputError, match="is there already"):
        sort_by(made, rows)
    assert sort_by(made, "name,behaviour\narena_0_15_len15,b\n", overwrite=True).behaviours == {"b": 1}
    assert files_of(made.parent / "sorted")[0].startswith("b/")
