"""Regressions of what photos show, from the machine's predictions and a drawn sample of labels.

Taking predictions for labels biases every coefficient that the machine's errors go along with.
Design-based supervised learning (Egami, Hinck, Stewart & Wei 2023, Using imperfect surrogates for
downstream inference, arXiv 2306.04746; 2024, Using large language model annotations for the social
sciences, a working paper) puts in their place

    y~_i = g_i + R_i / pi_i (y_i - g_i),

with the prediction g, the label y and R = 1 where a photo was drawn, which chance did with
probability pi. Its mean over draws is y_i whatever g is, so the moment conditions

    sum_i w_i x_i (y~_i - mu(x_i b)) = 0,   mu(t) = t (linear) or 1 / (1 + exp(-t)) (logit),

are those of labels of all photos, on average over draws; a better g makes them less noisy.

Two questions are answered. *These editions*: the coefficients that labels of all these photos would
have. Only the draw is by chance: the sandwich's middle is the sum over drawn photos of
(1 - pi) / pi² w² (y - g)² x x' (Horvitz & Thompson 1952, doi 10.1080/01621459.1952.10483446; for
difference estimators Särndal, Swensson & Wretman 1992, ch. 6). *Practice*: the coefficients of
editions such as these. Editions are the clusters; the sandwich is bias-reduced (CR2) with
Satterthwaite's degrees of freedom (Bell & McCaffrey 2002, Survey Methodology 28(2), 169-181), in
which photos of an edition are as alike as residuals say (Imbens & Kolesár 2016,
doi 10.1162/REST_a_00552). Where residuals of neighbouring editions go together, blocks of editions
are the clusters if that is wider (Bester, Conley & Hansen 2011, doi 10.1016/j.jeconom.2011.01.007).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

from presslens.models.message import Message, join_messages
from presslens.models.recipe import NONRESPONSE
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.cells import sums_by_group
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.misclassification import (
    LEAST_INFORMATIVE,
    CoderAccuracy,
    spread_levels,
    weighted_quantiles,
)
from presslens.pipelines.statistics.moments import Fit, Model, Outcome, solve
from presslens.pipelines.statistics.photo_table import CERTAIN, Numbers, PhotoTable
from presslens.pipelines.statistics.practice import FEWEST
from presslens.pipelines.statistics.serial import serial_correlation
from presslens.pipelines.written_numbers import written_level

_ALONE = 1e-9
"""A cluster that alone decides a direction (an eigenvalue of H this near to 1) has no residual
there, and so no part in the variance."""

LEAST_DRAWN = 10
"""Drawn photos that each value of a column of zeros and ones needs at least."""

FEWEST_OF_A_SIDE = 3
"""Clusters that a column of zeros and ones needs with either, for practice: how one or two vary is
not to be seen (MacKinnon & Webb 2018, doi 10.1111/ectj.12107)."""

_SOLVED = 64
"""Draws of the coders' accuracy for which a logit is solved."""

_TINY = 1e-150
"""Keeps photos whose fitted mean is certain from dividing by nothing."""


@dataclass(frozen=True, slots=True)
class Coefficient(Served):
    """A coefficient with its interval."""

    name: str  # its column
    value: Rounded  # change of the share, 0-1, or of its log odds, for one more of the column
    error: Rounded  # standard error
    low: Rounded  # lower end of the interval
    high: Rounded  # upper end of the interval
    p_value: Rounded  # two-sided, of the hypothesis that the coefficient is 0


@dataclass(frozen=True, slots=True)
class Regression:
    """The coefficients of a regression, or why there are none."""

    coefficients: tuple[Coefficient, ...]  # one for each column; none where refused
    model: Model  # linear or logit
    inference: Inference  # about these editions, or about practice
    n: int  # photos
    editions: int  # editions with photos
    drawn: int  # photos that were drawn and labelled
    picked: int  # photos that were labelled and not drawn
    method: str  # how the intervals were made, in a sentence
    # Why there is no honest interval, and what would help; None where there is one.
    refused: str | None = None


def regress(
    table: PhotoTable,
    prediction: Numbers,
    X: Numbers,
    names: Sequence[str],
    *,
    model: Model = Model.LINEAR,
    inference: Inference = Inference.THESE,
    confidence: float = 0.95,
    nonresponse: float = NONRESPONSE,
    clusters: NDArray[np.int64] | None = None,
    coders: CoderAccuracy | None = None,
) -> Regression:
    """Return the regression of whether a photo shows a measure on columns of numbers.

    Args:
        table: The n photos. A picked label changes nothing: it is not of the draw.
        prediction: What is expected of each photo, 0-1, shape (n,): of
            ``pipelines.statistics.recalibration``, or the machine's own.
        X: The columns, shape (n, k); the first is usually all ones.
        names: Names of the k columns.
        model: Linear: coefficients are differences of shares; logit: of log odds.
        inference: About these editions, or about editions such as these.
        nonresponse: Factor of the odds by which photos without an answer may differ; see
            ``design.design_totals``.
        clusters: For practice: number of each photo's cluster, shape (n,), where what editions of
            a cluster have in common is not told by their order. None: editions, in their order.
        coders: How often labels are right, alike in all photos; None: nobody says.

    Raises:
        ValueError: A column is a sum of others, or there are more columns than photos.
    """
    practice = inference is Inference.PRACTICE
    refused = _thin_clusters(table, X, names, clusters) if practice else None
    if refused is None and np.linalg.matrix_rank(X) < X.shape[1]:
        raise ValueError(f"columns {', '.join(names)} say the same twice: leave one out")
    labels = outcome = Outcome.of(table, prediction)
    if coders is not None and coders.measured:
        outcome = labels.true(*coders.typical)
    refused = refused or _refusal(table, X, names)
    fit = None if refused else solve(outcome, X, model)
    if fit is None and refused is None:
        refused = Message(
            "the sample gives no finite log odds: a group has only photos that show it, or none "
            "that does; use the linear model, or draw more photos of the group"
        )
    coefficients: tuple[Coefficient, ...] = ()
    how: str = inference
    if fit is not None:
        if practice and clusters is not None:
            error, freedom, how = errors_of_clusters(outcome, clusters, X, fit)
        else:
            by = errors_of_practice if practice else errors_of_these
            error, freedom, how = by(outcome, table, X, fit)
        reach = scipy.special.stdtrit(freedom, 0.5 + confidence / 2)
        doubt = doubt_of_unanswered(outcome, table, X, fit, nonresponse)
        low, high = fit.b - error * reach, fit.b + error * reach
        if coders is not None and not coders.certain:
            tail = (1 - confidence) / 2
            draws, weights = coded_draws(labels, X, fit, model, coders, error, freedom)
            low, high = weighted_quantiles(draws, weights, (tail, 1 - tail))
            low, high = np.minimum(low, fit.b), np.maximum(high, fit.b)
        low, high = fit.b - np.hypot(fit.b - low, doubt), fit.b + np.hypot(high - fit.b, doubt)
        coefficients = _coefficients(names, fit.b, low, high, freedom, confidence)
        if coders is not None:
            how = join_messages((how, coders.words))
    editions = len(np.unique(table.edition))
    return Regression(
        coefficients,
        model,
        inference,
        len(table),
        editions,
        int(table.sampled.sum()),
        int(table.picked.sum()),
        join_messages((_by_draw(table, model, confidence), how)),
        refused,
    )


def _by_draw(table: PhotoTable, model: Model, confidence: float) -> Message:
    level = written_level(confidence)
    name = Message("linear") if model is Model.LINEAR else Message("logit")
    drawn = int(table.sampled.sum())
    if not drawn:
        return Message("%(model)s regression, %(level)s %%", model=name, level=level)
    return Message(
        "%(model)s regression by design-based supervised learning: %(drawn)s drawn photos,"
        " %(level)s %%",
        model=name,
        drawn=drawn,
        level=level,
    )


def _thin_clusters(
    table: PhotoTable, X: Numbers, names: Sequence[str], clusters: NDArray[np.int64] | None
) -> str | None:
    """Return why clusters can't tell how practice varies; None where they can."""
    units = Message("editions") if clusters is None else Message("clusters")
    of = table.edition if clusters is None else clusters
    count, k = len(np.unique(of)), X.shape[1]
    if count < FEWEST + k - 1:
        return Message(
            "%(count)s %(units)s are too few to show how %(units)s vary: ask about these editions,"
            " or add %(more)s",
            count=count,
            units=units,
            more=FEWEST + k - 1 - count,
        )
    for column, name in zip(X.T, names, strict=True):
        if not np.isin(column, (0, 1)).all() or column.all():
            continue
        for value in (0, 1):
            got = len(np.unique(of[column == value]))
            if got < FEWEST_OF_A_SIDE:
                return Message(
                    "only %(got)s %(units)s with %(name)s = %(value)s, too few to show their"
                    " practice: add %(more)s, or ask about these editions",
                    got=got,
                    units=units,
                    name=name,
                    value=value,
                    more=FEWEST_OF_A_SIDE - got,
                )
    return None


def _refusal(table: PhotoTable, X: Numbers, names: Sequence[str]) -> str | None:
    """Return why there is no honest interval, and what would help; None where there is one.

    What is expected of photos agrees with answers that are all alike. Of 400 photos, 100 drawn,
    95 % intervals of a trend hold that of all labels in 3 % of 121 runs without a yes; in 91 % of
    172 with one, and in 94 % of 624 with one to four.
    """
    k = X.shape[1]
    if table.answered.all():
        return None  # a census
    drawn, least = table.sampled, LEAST_DRAWN * k
    if not drawn.any():
        return Message(
            "no photo was drawn by chance: to the machine alone, a change of the newspaper looks "
            "like a change of its scans; draw %(n)s photos or more by chance, and review them",
            n=least,
        )
    outside = ~table.framed & ~table.answered
    if outside.any():
        editions = np.unique(table.edition[outside])
        return Message(
            "%(photos)s could not be drawn when the sample was: draw from their %(editions)s"
            "%(papers)s too, or leave them out",
            photos=counted(int(outside.sum()), "photo"),
            editions=counted(len(editions), "edition"),
            papers="".join(
                f" ({name})" for name in sorted(set(table.newspapers[editions])) if name
            ),
        )
    if drawn.sum() < least:
        return Message(
            "too few drawn photos, %(got)s: draw %(more)s more",
            got=int(drawn.sum()),
            more=int(least - drawn.sum()),
        )
    if len(np.unique(table.label[drawn])) == 1:
        return Message(
            "all drawn photos have the same answer, which tells no differences: draw more photos,"
            " until there are both answers"
        )
    for column, name in zip(X.T, names, strict=True):
        for value in (0, 1):
            group = column == value
            got, of = int((drawn & group).sum()), int(group.sum())
            if np.isin(column, (0, 1)).all() and got < min(LEAST_DRAWN, of):
                return Message(
                    "only %(got)s of %(of)s photos with %(name)s = %(value)s drawn: draw %(more)s"
                    " more of them",
                    got=got,
                    of=of,
                    name=name,
                    value=value,
                    more=min(LEAST_DRAWN, of) - got,
                )
    return None


def _coefficients(
    names: Sequence[str],
    b: Numbers,
    low: Numbers,
    high: Numbers,
    freedom: Numbers,
    confidence: float,
) -> tuple[Coefficient, ...]:
    quantile = scipy.special.stdtrit(freedom, 0.5 + confidence / 2)
    error = (high - low) / 2 / quantile
    towards = np.where(b > 0, b - low, high - b) / quantile  # the side that 0 lies on
    sure = towards <= 0
    ratio = np.divide(np.abs(b), towards, out=np.where(b == 0, 0.0, np.inf), where=~sure)
    p = 2 * scipy.special.stdtr(freedom, -ratio)
    rows = np.stack([b, error, low, high, p], axis=1).tolist()
    return tuple(Coefficient(name, *row) for name, row in zip(names, rows, strict=True))


def errors_of_these(
    outcome: Outcome, table: PhotoTable, X: Numbers, fit: Fit
) -> tuple[Numbers, Numbers, str]:
    """Return standard errors and degrees of freedom where only the draw is by chance.

    What the predictions expect of the labels' errors counts like ``LEAST_DRAWN`` photos more where
    it is larger than what was seen: a few drawn photos that all say "no" do not make it sure.
    """
    drawn = table.sampled
    pi, g = outcome.chance[drawn], outcome.expected[drawn]
    m, k = int(drawn.sum()), X.shape[1]
    share = (1 - pi) / pi**2 * outcome.weight[drawn] ** 2
    seen, expected = (table.label[drawn] - g) ** 2, g * (1 - g)
    if share @ expected > share @ seen:
        seen = (m * seen + LEAST_DRAWN * expected) / (m + LEAST_DRAWN)
    rows = X[drawn] @ fit.bread * np.sqrt(share * seen)[:, None] / outcome.apart
    freedom = np.full(k, float(max(1, m - k)))
    variance = (rows**2).sum(axis=0) * m / freedom
    if outcome.mistakes is not None:  # of all labels, from which the drawn ones are drawn
        whole = variance + outcome.mistakes @ (outcome.weight[:, None] * (X @ fit.bread)) ** 2
        # Of a sum of two variances, the other one known (Satterthwaite 1946).
        part = np.maximum(variance / np.maximum(whole, _TINY), np.sqrt(freedom / len(X)))
        variance, freedom = whole, freedom / part**2
    how = Message("these editions, the draw alone is by chance")
    return np.sqrt(variance), freedom, how


def errors_of_practice(
    outcome: Outcome, table: PhotoTable, X: Numbers, fit: Fit
) -> tuple[Numbers, Numbers, str]:
    """Return standard errors and degrees of freedom where editions are by chance, too."""
    root = np.sqrt(outcome.weight * fit.slope)
    residual = outcome.weight * (outcome.pseudo - fit.mean)
    scaled, rows = residual / np.maximum(root, _TINY), X * root[:, None]
    place, lengths = _in_order(table)
    error, freedom = cluster_sandwich(rows, scaled, place, root)
    e = sum(lengths)
    sums = sums_by_group(place, residual, e)
    counts = outcome.weight * fit.slope
    columns = sums_by_group(place, counts[:, None] * X, e)
    columns /= np.maximum(sums_by_group(place, counts, e), _TINY)[:, None]
    serial = [serial_correlation(sums, columns, a, lengths) for a in (columns @ fit.bread).T]
    wider = [one.widened(own**2, f) for one, own, f in zip(serial, error, freedom, strict=True)]
    how = Message("practice, %(n)s editions as clusters (CR2)", n=e)
    alike = min(serial, key=lambda one: one.independent).note
    how = join_messages(filter(None, (how, alike)))
    return (
        np.sqrt([variance for variance, _ in wider]),
        np.array([f for _, f in wider]),
        how,
    )


def errors_of_clusters(
    outcome: Outcome, clusters: NDArray[np.int64], X: Numbers, fit: Fit
) -> tuple[Numbers, Numbers, str]:
    """Return standard errors and degrees of freedom where clusters are by chance, too."""
    root = np.sqrt(outcome.weight * fit.slope)
    residual = outcome.weight * (outcome.pseudo - fit.mean) / np.maximum(root, _TINY)
    error, freedom = cluster_sandwich(X * root[:, None], residual, clusters, root)
    return error, freedom, Message("practice, %(n)s clusters (CR2)", n=len(np.unique(clusters)))


def _in_order(table: PhotoTable) -> tuple[NDArray[np.int64], list[int]]:
    """Return the place of each photo's edition by newspaper and time, and how many each has."""
    there = np.unique(table.edition).tolist()
    order = sorted(there, key=lambda edition: (table.periods[edition][:1], edition))
    place = np.zeros(len(table.editions), np.int64)
    place[order] = np.arange(len(order))
    papers = Counter(table.periods[edition][:1] for edition in order)
    return place[table.edition], list(papers.values())


def doubt_of_unanswered(
    outcome: Outcome, table: PhotoTable, X: Numbers, fit: Fit, nonresponse: float = NONRESPONSE
) -> Numbers:
    """Return by how much photos that were drawn and not answered may move each coefficient."""
    lost = table.unanswered
    g = scipy.special.logit(np.clip(outcome.expected[lost], CERTAIN, 1 - CERTAIN))
    far = np.log(nonresponse)
    apart = scipy.special.expit(g + far) - scipy.special.expit(g - far)
    moved = outcome.weight[lost] / table.inclusion[lost] * apart / 2 / outcome.apart
    return np.asarray(np.abs(X[lost] @ fit.bread).T @ moved)


def coded_draws(
    labels: Outcome,
    X: Numbers,
    fit: Fit,
    model: Model,
    coders: CoderAccuracy,
    error: Numbers,
    freedom: Numbers,
) -> tuple[Numbers, Numbers]:
    """Return draws of the coefficients, by draws of the coders' accuracy, and their weights.

    Args:
        labels: The outcomes as coders label them.
        X: The columns, shape (n, k).
        fit: The solution for the typical accuracy.
        model: Linear or logit.
        coders: How often labels are right.
        error: Standard errors of that solution, shape (k,).
        freedom: Their degrees of freedom, shape (k,).

    Returns:
        Shape (d, k) each; draws of which the labels would be more or fewer than possible weigh
        less, as in ``CoderAccuracy.carry``.
    """
    step = 1 if model is Model.LINEAR else max(1, len(coders.sensitivity) // _SOLVED)
    s, c = coders.sensitivity[::step], coders.specificity[::step]
    apart = np.maximum(s + c - 1, LEAST_INFORMATIVE)
    if model is Model.LINEAR:
        unit = fit.bread @ (X.T @ labels.weight)  # what a constant adds to each coefficient
        at = fit.bread @ (X.T @ (labels.weight * labels.pseudo))
        b = (at - (1 - c)[:, None] * unit) / apart[:, None]
    else:
        solved = (solve(labels.true(*one), X, model) for one in zip(s, c, strict=True))
        b = np.array([fit.b if one is None else one.b for one in solved])
    typical = sum(coders.typical) - 1
    scale = error * typical / apart[:, None]
    levels = spread_levels(*b.shape)
    # Labels that are said more rarely than coders err by chance contradict a draw.
    share = float(np.average(labels.pseudo, weights=labels.weight))
    noise = max(float(np.hypot.reduce(X.mean(axis=0) * error)) * typical, _TINY)
    possible = scipy.special.ndtr((share - 1 + c) / noise) * scipy.special.ndtr((s - share) / noise)
    weights = np.broadcast_to(possible[:, None], b.shape)
    return b + scale * scipy.special.stdtrit(freedom, levels), np.asarray(weights, float)


def cluster_sandwich(
    X: Numbers, residuals: Numbers, clusters: NDArray[np.int64], unit: Numbers
) -> tuple[Numbers, Numbers]:
    """Return standard errors and degrees of freedom of the coefficients of least squares.

    Args:
        X: The columns, shape (n, k), of full rank; of weighted least squares times the roots of
            the weights.
        residuals: Shape (n,); times the roots of the weights too.
        clusters: Number of each row's cluster, shape (n,).
        unit: An error that rows of a cluster share enters a row times this, shape (n,): the roots
            of the weights; ones without weights.

    Returns:
        Shape (k,) each.
    """
    # In columns that are orthonormal all matrices are of k by k, whatever the clusters' sizes.
    root = np.linalg.cholesky(np.linalg.inv(X.T @ X))
    Q = X @ root
    _, place = np.unique(clusters, return_inverse=True)
    count, k = int(place.max()) + 1, X.shape[1]

    def added(rows: Numbers) -> Numbers:
        total = sums_by_group(place, rows.reshape(len(rows), -1), count)
        return total.reshape(count, *rows.shape[1:])

    leverage = added(Q[:, :, None] * Q[:, None, :])
    values, vectors = np.linalg.eigh(leverage)
    left = 1 - values
    inflated = np.where(left > _ALONE, 1 / np.sqrt(np.maximum(left, _ALONE)), 0.0)
    adjust = (vectors * inflated[:, None, :]) @ vectors.transpose(0, 2, 1)
    scores = np.einsum("cij,cj->ci", adjust, added(Q * residuals[:, None]))
    variance = root @ (scores.T @ scores) @ root.T

    shared = max(0.0, _shared(residuals, unit, added))
    own = max(1e-12, float(residuals @ residuals) - shared * float(unit @ unit)) / len(residuals)
    common = added(Q * unit[:, None])
    spread = own * leverage + shared * common[:, :, None] * common[:, None, :]
    freedom = [_freedom(root[j], adjust, leverage, spread) for j in range(k)]
    return np.sqrt(np.maximum(0.0, np.diag(variance))), np.array(freedom)


def _shared(residuals: Numbers, unit: Numbers, added: Callable[[Numbers], Numbers]) -> float:
    """Return the variance of the error that rows of a cluster share, from products of pairs."""
    pairs = added(unit**2) ** 2 - added(unit**4)
    products = added(unit * residuals) ** 2 - added((unit * residuals) ** 2)
    return float(products.sum() / pairs.sum()) if pairs.sum() > 0 else 0.0


def _freedom(direction: Numbers, adjust: Numbers, leverage: Numbers, spread: Numbers) -> float:
    """Return Satterthwaite's degrees of freedom of one coefficient's variance, at least 1.

    The variance is a sum of squares of a product for each cluster. Their covariance is a diagonal
    and a matrix of low rank, F C F', so no matrix of clusters by clusters is made.
    """
    a = np.einsum("i,cij->cj", direction, adjust)
    diagonal = np.einsum("ci,cij,cj->c", a, spread, a)
    F = np.hstack([np.einsum("ci,cij->cj", a, of) for of in (spread, leverage)])
    one = np.eye(len(direction))
    C = np.block([[0 * one, -one], [-one, spread.sum(axis=0)]])
    low = ((F @ C) * F).sum(axis=1)
    inner = C @ (F.T @ F)
    square = float((diagonal**2 + 2 * diagonal * low).sum() + np.trace(inner @ inner))
    trace = float((diagonal + low).sum())
    return max(1.0, trace**2 / square) if square > 0 else 1.0
