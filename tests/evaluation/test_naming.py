import numpy as np

from figureground.evaluation.naming import name_classes
from figureground.evaluation.truth import instances_to_truth
from figureground.instances import Instances


def figures(labels: list[int]) -> Instances:
    return Instances.from_dense(np.ones((len(labels), 5, 7), bool), labels=labels)


def test_names_not_places_decide() -> None:
    naming = name_classes(["rat", "ant"], ["Ant ", "car", "rat"])
    assert not naming.agnostic
    assert naming.found(figures([0, 1, 2])).labels.tolist() == [1, 0]
    assert (naming.not_drawn, naming.not_found) == (("car",), ())
    assert name_classes(["rat", "ant"], ["ant"]).not_found == ("rat",)
    assert naming.truth(instances_to_truth(figures([1]))).figures.labels.tolist() == [1]


def test_without_a_common_name_all_are_of_one_class() -> None:
    naming = name_classes(["rat", "ant"], ["figure", "thing"])
    assert naming.agnostic
    assert naming.classes == ("any class",)
    assert naming.found(figures([0, 1])).labels.tolist() == [0, 0]
    assert naming.truth(instances_to_truth(figures([0, 1]))).figures.labels.tolist() == [0, 0]


def test_a_dataset_of_one_class_keeps_its_name() -> None:
    assert name_classes(["rat"], ["figure"]).classes == ("rat",)


def test_no_classes_at_all() -> None:
    assert name_classes([], ["figure"]).agnostic
    assert len(name_classes(["rat"], []).found(Instances.empty((5, 7)))) == 0
