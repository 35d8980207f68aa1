"""What the report on small data and interpretable gradients claims.

The report has drawings and words, hardly a number. Each claim puts its words as a ratio, a share or
a sign, with a threshold and the reason for it.

References
----------
R. Cang, H. Li, H. Yao, Y. Jiao, Y. Ren, "Investigating Key Challenges in Applying Deep Learning
Techniques to Integrated Computational Material Engineering" (report).

R. Cang, H. Li, H. Yao, Y. Jiao, Y. Ren, "Improving direct physical properties prediction of
heterogeneous materials from imaging data via convolutional neural network and a morphology-aware
generative model", Comput. Mater. Sci. 2018, 150, 212 (the paper that the report summarises).
"""

from __future__ import annotations

from mdesign.papers import Claim, keyed

__all__ = ["CLAIMS", "REFERENCE"]

REFERENCE = (
    "R. Cang, H. Li, H. Yao, Y. Jiao, Y. Ren, Investigating Key Challenges in Applying Deep "
    "Learning Techniques to Integrated Computational Material Engineering (report); "
    "Comput. Mater. Sci. 2018, 150, 212"
)

_GENERATIONS: dict[str, Claim] = {}

_ARCHITECTURES: dict[str, Claim] = {}

_SMALL_DATA: dict[str, Claim] = {
    "distribution_ratio": Claim(
        "samples of the proposed model have property distributions like the authentic ones: "
        "their Kolmogorov-Smirnov distance over that of the Markov field's samples, the mean of "
        "three properties each",
        1.0,
        "Section 3.2 and Fig. 4a",
        "at most",
        0.0,
        "the report sets the two models against each other; no distance is printed",
    ),
    "spread_proposed": Claim(
        "and they spread as much: standard deviation over the authentic one, mean of three "
        "properties",
        1.0,
        "Section 3.2 and Fig. 4a",
        "about",
        0.3,
        "similar to the eye, in histograms of a few hundred samples; the authentic spread of 300 "
        "crops of 60 images is itself uncertain by about a tenth",
    ),
    "variance_mrf": Claim(
        "samples of the Markov field have significantly smaller variances: over the authentic "
        "one, mean of three properties",
        0.5,
        "Section 3.2 and Fig. 4a",
        "at most",
        0.0,
        "half the variance is more than 300 and 1,000 samples give by chance",
    ),
    "gain_proposed": Claim(
        "all samples of the proposed model together raise the test R2, mean of three properties, "
        "above that of networks trained on for as long without them",
        0.0,
        "Section 3.2 and Fig. 4b",
        "at least",
        0.0,
        "any gain bears the words out; training on alone must not be counted as one",
    ),
    "gain_mrf": Claim(
        "all samples of the Markov field together lower it below that before the update",
        0.0,
        "Section 3.2 and Fig. 4b",
        "at most",
        0.0,
        "any loss bears out 'deteriorated performance even with an increased training data size'",
    ),
    "gap": Claim(
        "the gap between the two models' samples is significant: difference of R2, mean of three "
        "properties, over its standard error in the draws",
        2.0,
        "Section 3.2 and Fig. 4b",
        "at least",
        0.0,
        "two standard errors are the usual meaning of significant",
    ),
}

_GRADIENTS: dict[str, Claim] = {}

_TRAIT: dict[str, Claim] = {}

_TRAIT_LOSS: dict[str, Claim] = {}

_OTHER_MATERIALS: dict[str, Claim] = {}

CLAIMS = keyed(
    {
        "fig1_generations": _GENERATIONS,
        "fig2_fig3_architectures": _ARCHITECTURES,
        "fig4_small_data": _SMALL_DATA,
        "fig5_gradients": _GRADIENTS,
        "fig6_trait": _TRAIT,
        "beyond_trait_loss": _TRAIT_LOSS,
        "beyond_other_materials": _OTHER_MATERIALS,
    }
)
"""Every claim, keyed ``"<notebook that checks it>.<name>"``."""
