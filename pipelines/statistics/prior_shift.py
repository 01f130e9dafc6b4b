"""The prevalence of a subject in an edition, as inferred from the edition's probabilities.

If photos that show a subject look alike everywhere, and so do those that don't, then an edition in
which it is rarer has fewer of the first kind and more of the second, and nothing else differs
(prior or label shift). The scores of its photos alone then show how common it is (Saerens, Latinne
& Decaestecker 2002, doi 10.1162/089976602753284446).
"""

from __future__ import annotations

import numpy as np
import scipy  # which imports scipy.special when it is first used
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def shift_log_likelihood(probabilities: Numbers, deltas: Numbers, prevalence: float) -> Numbers:
    """Return the log likelihood of each shift, given the probabilities of an edition.

    Args:
        probabilities: Calibrated where the subject has its usual prevalence, 0–1, shape (n,).
        deltas: Shifts of the log odds of the prevalence, shape (r,).
        prevalence: The usual one, above 0 and below 1.

    Returns:
        Of shape (r,); 0 for no shift.
    """
    shifted = scipy.special.expit(scipy.special.logit(prevalence) + deltas)
    yes, no = shifted / prevalence, (1 - shifted) / (1 - prevalence)
    return np.asarray(np.log(no + np.multiply.outer(probabilities, yes - no)).sum(axis=0))
