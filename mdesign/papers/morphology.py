"""What the report on small data and interpretable gradients claims.

The report has drawings and words, hardly a number, so that each claim is an order (one model better
than another) or a trend (a sign or a shape). Where a reproduction needs a limit that the report
does not state, it is one that does not depend on our results: 5 %, the spread of the authentic
images themselves, chance, or the middle between two meanings.

References
----------
R. Cang, H. Li, H. Yao, Y. Jiao, Y. Ren, "Investigating Key Challenges in Applying Deep Learning
Techniques to Integrated Computational Material Engineering" (report).

R. Cang, H. Li, H. Yao, Y. Jiao, Y. Ren, "Improving direct physical properties prediction of
heterogeneous materials from imaging data via convolutional neural network and a morphology-aware
generative model", Comput. Mater. Sci. 2018, 150, 212 (the paper that the report summarises).
"""

from __future__ import annotations

from mdesign.papers import Claim, read_claims

__all__ = ["CLAIMS"]

_OUTPERFORMS = (
    "'significantly outperforms standard generative models' carries no number: more than 5 %"
)
_HALFWAY = "no number in the report; half-way between unrelated (0) and the same (1)"
_SIGN = "stated as a sign"
_WORDS = "stated in words, no number"

_ERRORS = "".join(
    f"""
    {statistic}_{model} | order | - | at least 1.05, order at least 1 | Sections 2 and 3, {figure}
        Samples of {samples} are further from authentic images than samples of the proposed model:
        ratio of the errors of the {errors}
        -- {_OUTPERFORMS}
    """
    for statistic, errors in (
        ("two_point", "two-point correlation"),
        ("lineal_path", "lineal path"),
    )
    for model, samples, figure in (
        ("autoencoder", "an autoencoder", "Fig. 1b"),
        ("vae", "a variational autoencoder", "Fig. 1c"),
        ("markov", "a Markov field", "Figs. 1d and 1f"),
    )
)

_GENERATIONS = f"""
    spread_proposed | trend | - | 0.90 to 1.06 | Section 3.1, Fig. 1e
        Samples of the proposed model have the distribution of the data: standard deviation of their
        volume fraction over that of authentic images
        -- the three sets of authentic images lie in this interval
    defects_markov | order | - | at least 1.05, order at least 1 | Section 3, Figs. 1d and 1f
        Samples of the Markov field have artificial defects: specks of up to three pixels, over
        those of authentic images
        -- {_WORDS}: more than 5 %
    defects_proposed | order | - | at least 1.05, order at least 1 | Sections 2 and 3, Fig. 1
        The proposed model outperforms the Markov field in this: specks of the field over those of
        the proposed model
        -- {_OUTPERFORMS}
"""

_ARCHITECTURES = f"""
    morphology_vae | order | - | at most 0.95, order at most 1 | Sections 2 and 3.1, Fig. 3
        The constraint gives samples the distribution of authentic morphologies: energy distance of
        their Gram matrices from authentic ones, over that of a variational autoencoder without it
        -- {_OUTPERFORMS}
    largest_step | trend | - | at most 0.5 | Section 3.1
        Morphologies change smoothly in latent space: the largest of ten steps between two samples,
        over the distance of the two
        -- half-way between no change (0) and a jump (1); an even change has 0.1
    halfway_error | trend | - | at most 1.05 | Section 3.1
        The images on the way are consistent with the data: error of their two-point correlation
        half-way, over that of the samples at both ends
        -- as consistent as samples are, within 5 %
"""

_SMALL_DATA = f"""
    distribution_ratio | order | - | at most 1 | Section 3.2, Fig. 4a
        The properties of the proposed model's samples are distributed more like the authentic ones
        than those of the Markov field's: ratio of their Kolmogorov-Smirnov distances, mean of
        three properties each
        -- the report compares the two models and prints no distance
    spread_proposed | trend | - | 0.93 to 1.05 | Section 3.2, Fig. 4a
        Their distributions are similar to the authentic ones: standard deviation over the authentic
        one, mean of three properties
        -- the three sets of authentic images lie in this interval
    variance_mrf | order | - | at most 0.6, order at most 1 | Section 3.2, Fig. 4a
        The properties of the Markov field's samples have significantly smaller variances: over the
        authentic ones, mean of three properties
        -- F test at 5 %, if twenty of the sixty authentic images are independent
    gain_proposed | order | - | at least 0 | Section 3.2, Fig. 4b
        All samples of the proposed model improve the network: change of the test R2 against the
        network before the update, mean of three properties
        -- {_SIGN}
    gain_mrf | order | - | at most 0 | Section 3.2, Fig. 4b
        Samples of the Markov field may make it worse although there are more data: the same change
        -- 'may encounter deteriorated performance'; a sign
    gap | order | - | at least 2.26, order at least 0 | Section 3.2, Fig. 4b
        The gap between the two models' samples is significant: difference of the test R2 over its
        standard error in ten draws
        -- t test at 5 %, nine degrees of freedom
    cost | order | - | at most 0.05 | Section 2
        Drawing an artificial microstructure, without training the model, has negligible cost: time
        to draw one, over the time to compute its three properties
        -- no number in the report: 5 %
"""

_GRADIENTS = f"""
    unexplained | order | - | at most 1 | Section 4
        The network whose gradients are judged is accurate: variance of the modulus that it leaves
        unexplained in the test set, over that of a parabola in the solid fraction
        -- no number in the report; an accurate network does better than counting pixels
    image_cosine | trend | - | at most 0.5 | Section 4, Fig. 5
        Its gradient in image space is misleading: cosine with the exact gradient, generated images
        -- {_HALFWAY}
    whole_pixel_cosine | trend | - | at most 0.5 | Section 4, Fig. 5
        The same, against the change of the modulus as a whole pixel changes its phase, authentic
        images
        -- {_HALFWAY}
    latent_cosine | trend | - | at least 0.5 | Section 4, Fig. 5
        Its gradient in latent space is meaningful: cosine with the exact gradient, generated images
        -- {_HALFWAY}
    realised | order | - | at least 0 | Section 4, Fig. 5
        Steps in latent space do in a two-phase microstructure what the network predicts, steps in
        image space from the same starts do not: share of the predicted rise that is realised,
        latent less image
        -- {_SIGN}
    latent_rise | trend | - | at least 0 | Sections 1 and 4, Fig. 5
        Steps in latent space raise the modulus: rise by the solver, two-phase microstructures
        -- {_SIGN}
    latent_pore_size | trend | - | at most 1 | Sections 1 and 4
        Pores shrink along these steps: mean chord at the end over that at the start
        -- {_SIGN}
"""

_TRAIT = f"""
    negative_slopes | trend | - | at least 0.95 | Section 4.1, Fig. 6
        The pore fraction falls along rising modulus: share of 100 latent starts, by the network
        -- {_WORDS}: 5 %
    negative_slopes_solver | trend | - | at least 0.95 | Section 4.1, Fig. 6
        The physics-based model has the same trait: the same share, by the solver
        -- {_WORDS}: 5 %
    similarity | trend | - | at least 0.5 | Section 4.1
        The trait of the network is consistent with that of the physics: similarity of the rises of
        the modulus on all paths, by the network and by the solver
        -- {_HALFWAY}
"""

_TRAIT_LOSS = f"""
    r2_ratio | order | - | at least 0.95 | Section 4.1
        An additional training loss on a trait is feasible: test R2 of the modulus with it, over
        that without
        -- no loss of accuracy beyond 5 %
    similarity_change | order | - | at least 0 | Sections 2 and 4.1
        It improves interpretability: change of the similarity of the network's trait to that of the
        physics, by the solver
        -- {_SIGN}
"""

CLAIMS: dict[str, Claim] = read_claims(
    {
        "fig1_generations": _ERRORS + _GENERATIONS,
        "fig2_fig3_architectures": _ARCHITECTURES,
        "fig4_small_data": _SMALL_DATA,
        "fig5_gradients": _GRADIENTS,
        "fig6_trait": _TRAIT,
        "beyond_trait_loss": _TRAIT_LOSS,
    }
)
"""Every claim, keyed ``"<notebook that checks it>.<name>"``."""
