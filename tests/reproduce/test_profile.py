import pytest

from mdesign.reproduce import profile
from mdesign.reproduce.notebook import UsageError, discover

PARAMETERS = """
profile: str = "quick"
seed: int = 0
rate: float = 1e-3
name: str = "adam"
warm: bool = True
sizes: tuple[int, ...] = (1, 2)
pair: tuple[int, float] = (1, 2.0)
names: list[str] = ["a"]
limit: int | None = None
kind: Literal["a", "b"] = "a"
"""


def given(checkout, *pairs):
    checkout.write("demo/fig1", parameters=PARAMETERS)
    notebooks = discover(checkout.workspace.root)
    return profile.overrides(notebooks, ["demo/fig1"], ["demo/fig1"], pairs)["demo/fig1"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("seed", "1_000", 1000),
        ("rate", "1e-4", 1e-4),
        ("rate", "2", 2.0),
        ("name", "sgd", "sgd"),
        ("warm", "false", False),
        ("sizes", "[3, 4, 5]", (3, 4, 5)),
        ("pair", "[3, 4]", (3, 4.0)),
        ("names", "[b, c]", ["b", "c"]),
        ("limit", "3", 3),
        ("limit", "null", None),
        ("kind", "b", "b"),
    ],
)
def test_values_become_what_the_annotation_says(checkout, name, text, value):
    found = given(checkout, (name, text))
    assert found == {name: value}
    assert type(found[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("seed", "1.5", r"'seed' of demo/fig1 must be int; got 1\.5 \(float\)"),
        ("seed", "true", r"must be int; got True \(bool\)"),
        ("rate", "fast", r"must be float; got 'fast' \(str\)"),
        ("name", "3", r"must be str; got 3 \(int\)"),
        ("warm", "1", r"must be bool; got 1 \(int\)"),
        ("sizes", "3", r"must be tuple\[int, \.\.\.\]; got 3"),
        ("sizes", "[1, x]", r"must be tuple\[int, \.\.\.\]; got \[1, 'x'\]"),
        ("pair", "[1]", r"must be tuple\[int, float\]; got \[1\]"),
        ("limit", "x", r"must be int \| None; got 'x'"),
        ("kind", "c", "must be Literal"),
        ("seed", "[", "no YAML"),
    ],
)
def test_wrong_types_are_refused(checkout, name, text, message):
    with pytest.raises(UsageError, match=message):
        given(checkout, (name, text))


@pytest.mark.parametrize("text", [".nan", ".inf", "-.inf"])
def test_parameters_are_finite(checkout, text):
    for name, value in (("rate", text), ("sizes", f"[{text}]")):
        with pytest.raises(UsageError, match=f"-p: parameter '{name}' of demo/fig1 must be finite"):
            given(checkout, (name, value))


def test_unknown_parameters_are_refused_with_the_known_ones(checkout):
    with pytest.raises(UsageError, match=r"demo/fig1 has no parameter 'sede'; it knows .*seed"):
        given(checkout, ("sede", "1"))
    with pytest.raises(UsageError, match="--profile"):
        given(checkout, ("profile", "paper"))


def test_needed_notebooks_get_the_parameters_that_they_know(checkout):
    checkout.write("demo/a", parameters="seed: int = 0")
    checkout.write("demo/b", parameters="seed: int = 0\nn: int = 1", needs=["demo/a"])
    notebooks = discover(checkout.workspace.root)
    pairs = [("seed", "4"), ("n", "5")]
    found = profile.overrides(notebooks, ["demo/b"], ["demo/a", "demo/b"], pairs)
    assert found == {"demo/a": {"seed": 4}, "demo/b": {"seed": 4, "n": 5}}
    with pytest.raises(UsageError, match="demo/a has no parameter 'n'"):
        profile.overrides(notebooks, ["demo/a", "demo/b"], ["demo/a", "demo/b"], pairs)


def test_profiles_are_as_strict(checkout):
    checkout.write("demo/fig1", parameters=PARAMETERS)
    notebooks = discover(checkout.workspace.root)

    def settings(content):
        checkout.write_profile("laptop", content)
        return profile.settings(checkout.workspace.root, "laptop", notebooks)

    assert settings("demo/fig1: {rate: 1e-4, sizes: [3]}") == {
        "demo/fig1": {"rate": 1e-4, "sizes": (3,)}
    }
    assert settings("") == {}
    with pytest.raises(UsageError, match=r"laptop\.yaml names unknown notebooks: demo/fig2"):
        settings({"demo/fig2": {}})
    with pytest.raises(UsageError, match=r"laptop\.yaml: demo/fig1 has no parameter 'n'"):
        settings({"demo/fig1": {"n": 1}})
    with pytest.raises(UsageError, match=r"laptop\.yaml: parameter 'seed' .* must be int"):
        settings({"demo/fig1": {"seed": "a"}})
    with pytest.raises(UsageError, match="unknown profile 'fast'; known are quick, laptop"):
        profile.settings(checkout.workspace.root, "fast", notebooks)


def test_later_values_replace_earlier_ones(checkout):
    checkout.write("demo/fig1", parameters='profile: str = "quick"\nseed: int = 0\nn: int = 1')
    notebook = discover(checkout.workspace.root)["demo/fig1"]
    found = profile.effective(notebook, "laptop", {"seed": 1, "n": 2}, {"n": 3})
    assert found == {"profile": "laptop", "seed": 1, "n": 3}


def test_a_run_without_an_entry_in_its_profile_is_refused(checkout):
    for name in "ab":
        checkout.write(f"demo/{name}")
    checkout.write_profile("paper", {"demo/a": None})
    assert list(checkout.plan("a", profile="paper").tasks) == ["demo/a"]
    with pytest.raises(UsageError, match=r"paper\.yaml has no entry for demo/b: the profile paper"):
        checkout.plan(profile="paper")
