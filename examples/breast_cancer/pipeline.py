"""A KFP pipeline: two models for the Wisconsin breast cancer data, each evaluated, and the better one picked.

Each function below is a lightweight component, which KFP ships as its source text: that is why the imports
are inside. Nothing here knows artifactd. `python pipeline.py compiled.yaml` compiles it for any Kubeflow
Pipelines.
"""

import sys

from kfp import compiler, dsl
from kfp.dsl import ClassificationMetrics, Dataset, Input, Markdown, Metrics, Model, Output

_IMAGE = "python:3.11"
# The same versions as in requirements.txt, so that a run on one's own machine installs nothing.
_PACKAGES = ["joblib==1.6.0", "numpy==2.4.6", "scikit-learn==1.9.1"]


@dsl.component(base_image=_IMAGE, packages_to_install=_PACKAGES)
def load_data(data: Output[Dataset]) -> int:
    """Writes the breast cancer data that scikit-learn carries.

    Args:
        data: a CSV file with a header: the features and, last, the class (0 malignant, 1 benign).

    Returns:
        How many rows there are.
    """
    import numpy as np
    from sklearn.datasets import load_breast_cancer

    source = load_breast_cancer()
    np.savetxt(
        data.path,
        np.column_stack([source.data, source.target]),
        delimiter=",",
        header=",".join([*source.feature_names, "class"]),
        comments="",
        fmt="%.10g",
    )
    data.metadata["source"] = "sklearn.datasets.load_breast_cancer"
    data.metadata["rows"] = len(source.target)
    data.metadata["features"] = len(source.feature_names)
    data.metadata["classes"] = [str(name) for name in source.target_names]
    return len(source.target)


@dsl.component(base_image=_IMAGE, packages_to_install=_PACKAGES)
def split_data(
    data: Input[Dataset], test_fraction: float, seed: int, train: Output[Dataset], test: Output[Dataset]
) -> None:
    """Splits the data at random, with both classes in the same proportion in both parts.

    Args:
        data: the CSV file to split.
        test_fraction: the part of the rows that is held back, between 0 and 1.
        seed: makes the split repeatable.
        train: the rows to learn from, as `data`.
        test: the rows that are held back, as `data`.
    """
    from pathlib import Path

    import numpy as np
    from sklearn.model_selection import train_test_split

    header = Path(data.path).read_text(encoding="utf-8").partition("\n")[0]
    rows = np.loadtxt(data.path, delimiter=",", skiprows=1)
    parts = train_test_split(rows, test_size=test_fraction, random_state=seed, stratify=rows[:, -1])
    for artifact, part in zip((train, test), parts, strict=True):
        np.savetxt(artifact.path, part, delimiter=",", header=header, comments="", fmt="%.10g")
        artifact.metadata["rows"] = len(part)
        artifact.metadata["classes"] = data.metadata["classes"]


@dsl.component(base_image=_IMAGE, packages_to_install=_PACKAGES)
def train_logistic_regression(train: Input[Dataset], regularization: float, model: Output[Model]) -> None:
    """Fits a logistic regression on standardised features.

    Args:
        train: the rows to learn from.
        regularization: its strength; the inverse of scikit-learn's C.
        model: a scikit-learn pipeline, as joblib writes it.
    """
    import joblib
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if not regularization > 0:
        raise ValueError(f"regularization is {regularization}; it must be above 0")
    rows = np.loadtxt(train.path, delimiter=",", skiprows=1)
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=1 / regularization, max_iter=1_000))
    fitted.fit(rows[:, :-1], rows[:, -1])
    joblib.dump(fitted, model.path)
    model.metadata["framework"] = "scikit-learn"
    model.metadata["algorithm"] = "logistic regression"
    model.metadata["regularization"] = regularization


@dsl.component(base_image=_IMAGE, packages_to_install=_PACKAGES)
def train_random_forest(train: Input[Dataset], trees: int, seed: int, model: Output[Model]) -> None:
    """Fits a random forest.

    Args:
        train: the rows to learn from.
        trees: how many trees.
        seed: makes the forest repeatable.
        model: a scikit-learn classifier, as joblib writes it.
    """
    import joblib
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    rows = np.loadtxt(train.path, delimiter=",", skiprows=1)
    fitted = RandomForestClassifier(n_estimators=trees, random_state=seed)
    fitted.fit(rows[:, :-1], rows[:, -1])
    joblib.dump(fitted, model.path)
    model.metadata["framework"] = "scikit-learn"
    model.metadata["algorithm"] = "random forest"
    model.metadata["trees"] = trees


@dsl.component(base_image=_IMAGE, packages_to_install=_PACKAGES)
def evaluate(
    model: Input[Model],
    test: Input[Dataset],
    metrics: Output[Metrics],
    confusion_matrix: Output[ClassificationMetrics],
    roc_curve: Output[ClassificationMetrics],
) -> None:
    """Measures a model on rows that it has not seen.

    Args:
        model: what joblib wrote.
        test: the rows.
        metrics: accuracy, precision, recall, F1, the area under the ROC curve and the log loss.
        confusion_matrix: a row for each true class, a column for each predicted one.
        roc_curve: from the strictest threshold to the laxest.
    """
    import math

    import joblib
    import numpy as np
    from sklearn import metrics as score

    rows = np.loadtxt(test.path, delimiter=",", skiprows=1)
    truth = rows[:, -1].astype(int)
    fitted = joblib.load(model.path)
    predicted = fitted.predict(rows[:, :-1]).astype(int)
    probability = fitted.predict_proba(rows[:, :-1])[:, 1]

    metrics.log_metric("accuracy", float(score.accuracy_score(truth, predicted)))
    metrics.log_metric("precision", float(score.precision_score(truth, predicted)))
    metrics.log_metric("recall", float(score.recall_score(truth, predicted)))
    metrics.log_metric("f1", float(score.f1_score(truth, predicted)))
    metrics.log_metric("roc_auc", float(score.roc_auc_score(truth, probability)))
    metrics.log_metric("log_loss", float(score.log_loss(truth, probability)))

    confusion_matrix.log_confusion_matrix(test.metadata["classes"], score.confusion_matrix(truth, predicted).tolist())

    false_positive_rates, recalls, thresholds = score.roc_curve(truth, probability)
    # The first threshold is infinite: nothing is above it. kfp.local breaks on a bare infinity in metadata,
    # so it is spelled as proto3 JSON spells it, and nothing is lost.
    spelled = [float(each) if math.isfinite(each) else "Infinity" for each in thresholds]
    roc_curve.log_roc_curve(false_positive_rates.tolist(), recalls.tolist(), spelled)


@dsl.component(base_image=_IMAGE)
def pick_better(
    first: Input[Model],
    second: Input[Model],
    first_metrics: Input[Metrics],
    second_metrics: Input[Metrics],
    chosen: Output[Model],
) -> str:
    """Picks the model with the larger area under its ROC curve; the first, if they are equal.

    Args:
        first: a model.
        second: another.
        first_metrics: the first one's.
        second_metrics: the second one's.
        chosen: a copy of the better one.

    Returns:
        Which one it is: `first` or `second`.
    """
    import shutil

    first_is_better = first_metrics.metadata["roc_auc"] >= second_metrics.metadata["roc_auc"]
    better, metrics = (first, first_metrics) if first_is_better else (second, second_metrics)
    shutil.copyfile(better.path, chosen.path)
    chosen.metadata.update(better.metadata)
    chosen.metadata["roc_auc"] = metrics.metadata["roc_auc"]
    return "first" if first_is_better else "second"


@dsl.component(base_image=_IMAGE)
def write_report(
    chosen: Input[Model],
    first: Input[Model],
    second: Input[Model],
    first_metrics: Input[Metrics],
    second_metrics: Input[Metrics],
    report: Output[Markdown],
) -> None:
    """Writes a page that compares the two models.

    Args:
        chosen: the one that was picked.
        first: a model.
        second: another.
        first_metrics: the first one's.
        second_metrics: the second one's.
        report: the page.
    """
    from pathlib import Path

    names = [first.metadata["algorithm"], second.metadata["algorithm"]]
    lines = [
        "# Breast cancer: which model",
        "",
        f"The better one is the **{chosen.metadata['algorithm']}**: its area under the ROC curve is larger.",
        "",
        f"| | {names[0]} | {names[1]} |",
        "|---|---:|---:|",
    ]
    for name, value in sorted(first_metrics.metadata.items()):
        lines.append(f"| {name} | {value:.4f} | {second_metrics.metadata[name]:.4f} |")
    Path(report.path).write_text("\n".join(lines) + "\n", encoding="utf-8")


@dsl.pipeline(
    name="breast-cancer",
    description="Two models for the Wisconsin breast cancer data; the better one is picked.",
)
def breast_cancer(test_fraction: float = 0.3, seed: int = 7, regularization: float = 1.0, trees: int = 100) -> Model:
    """The whole of it.

    Args:
        test_fraction: the part of the rows that is held back for the evaluation.
        seed: makes a run repeatable.
        regularization: of the logistic regression; above 0.
        trees: of the random forest.

    Returns:
        The better model.
    """
    data = load_data()
    parts = split_data(data=data.outputs["data"], test_fraction=test_fraction, seed=seed)
    logistic = train_logistic_regression(train=parts.outputs["train"], regularization=regularization)
    forest = train_random_forest(train=parts.outputs["train"], trees=trees, seed=seed)
    logistic_score = evaluate(model=logistic.outputs["model"], test=parts.outputs["test"])
    logistic_score.set_display_name("evaluate-logistic-regression")
    forest_score = evaluate(model=forest.outputs["model"], test=parts.outputs["test"])
    forest_score.set_display_name("evaluate-random-forest")
    choice = pick_better(
        first=logistic.outputs["model"],
        second=forest.outputs["model"],
        first_metrics=logistic_score.outputs["metrics"],
        second_metrics=forest_score.outputs["metrics"],
    )
    write_report(
        chosen=choice.outputs["chosen"],
        first=logistic.outputs["model"],
        second=forest.outputs["model"],
        first_metrics=logistic_score.outputs["metrics"],
        second_metrics=forest_score.outputs["metrics"],
    )
    return choice.outputs["chosen"]


if __name__ == "__main__":
    compiler.Compiler().compile(breast_cancer, sys.argv[1] if len(sys.argv) > 1 else "compiled.yaml")
