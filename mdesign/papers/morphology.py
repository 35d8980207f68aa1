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

from mdesign.papers import Claim, read_claims

__all__ = ["CLAIMS"]

_OUTPERFORMS = (
    "'significantly outperforms standard generative models' carries no number; any smaller error "
    "bears it out"
)
_HALFWAY = "no number in the report; half-way between unrelated (0) and the same (1)"
_LAYER = "a number of layers, filters or neurons"
_CODE = "the authors' code, Fig. 2"

_ERRORS = "".join(
    f"""
    {statistic}_{model} | at least 1.0 | 0.0 | Sections 2 and 3, Fig. 1
        samples of {samples} are further from authentic ones: error of the {errors} over that of
        the proposed model -- {_OUTPERFORMS}
    """
    for statistic, errors in (
        ("two_point", "two-point correlation"),
        ("lineal_path", "lineal path"),
    )
    for model, samples in (
        ("autoencoder", "a plain autoencoder"),
        ("vae", "a variational autoencoder without the morphology"),
        ("markov", "a Markov field"),
    )
)

_GENERATIONS = """
    spread_proposed | about 1.0 | 0.3 | Section 3.1 and Fig. 1e
        samples of the proposed model have the distribution of the authentic ones: standard
        deviation of the volume fraction over theirs
        -- the spread of crops of 20 images a set is itself uncertain by about a sixth, and that
        of the three authentic sets differs by as much
    spread_markov | at most 0.0 | 0.2 | Section 3.2
        all samples of the Markov field have the same volume fraction: the same ratio
        -- its search for the wanted fraction stops within half a percent of the pixels, an eighth
        of the authentic spread
    defects_markov | at least 1.5 | 0.0 | Section 3, Figs. 1d and 1f
        samples of the Markov field have artificial defects: specks of up to three pixels, over
        those of authentic images
        -- seen in the figure, not counted; half as many again is more than the authentic sets
        differ by
    novelty | at least 1.0 | 0.25 | Section 3.1
        samples of the proposed model are new: median difference from the most similar image it
        learnt from, over that of authentic images it has not seen
        -- assumed in the report; copies would give zero, and pores of the right size in other
        places about one
"""

_FILTERS = "".join(
    f"""
    {network}_filters_{layer} | about {number} | 0.0 | {_CODE}
        filters of convolution {layer} of the {network} -- {_LAYER}
    """
    for network, filters in (
        ("encoder", (32, 32, 64, 64, 96, 96)),
        ("decoder", (96, 96, 64, 64, 32, 32)),
    )
    for layer, number in enumerate(filters, start=1)
)

_ARCHITECTURES = f"""
    neurons | about 256 | 0.0 | {_CODE}
        neurons of the hidden dense layer of encoder and decoder -- {_LAYER}
    latents | about 16 | 0.0 | {_CODE}
        latent variables -- {_LAYER}
    seed_side | about 16 | 0.0 | {_CODE}
        side of the map that the decoder's dense layers give -- {_LAYER}
    terms_autoencoder | about 1 | 0.0 | Fig. 2a
        terms in the loss of the autoencoder -- {_LAYER}
    terms_vae | about 2 | 0.0 | Fig. 2b
        terms in the loss of the variational autoencoder -- {_LAYER}
    terms_morphology | about 4 | 0.0 | the authors' code, Fig. 3
        terms in the loss of the proposed model -- {_LAYER}
    more_weights | about 0 | 0.0 | Fig. 3
        weights that the proposed model learns beyond those of the variational autoencoder
        -- {_LAYER}
"""

_SMALL_DATA = """
    distribution_ratio | at most 1.0 | 0.0 | Section 3.2 and Fig. 4a
        samples of the proposed model have property distributions like the authentic ones: their
        Kolmogorov-Smirnov distance over that of the Markov field's samples, the mean of three
        properties each
        -- the report sets the two models against each other; no distance is printed
    spread_proposed | about 1.0 | 0.3 | Section 3.2 and Fig. 4a
        and they spread as much: standard deviation over the authentic one, mean of three
        properties
        -- similar to the eye, in histograms of a few hundred samples; the authentic spread of 300
        crops of 60 images is itself uncertain by about a tenth
    variance_mrf | at most 0.5 | 0.0 | Section 3.2 and Fig. 4a
        samples of the Markov field have significantly smaller variances: over the authentic one,
        mean of three properties
        -- half the variance is more than 300 and 1,000 samples give by chance
    gain_proposed | at least 0.0 | 0.0 | Section 3.2 and Fig. 4b
        all samples of the proposed model together raise the test R2, mean of three properties,
        above that of networks trained on for as long without them
        -- any gain bears the words out; training on alone must not be counted as one
    gain_mrf | at most 0.0 | 0.0 | Section 3.2 and Fig. 4b
        all samples of the Markov field together lower it below that before the update
        -- any loss bears out 'deteriorated performance even with an increased training data size'
    gap | at least 2.0 | 0.0 | Section 3.2 and Fig. 4b
        the gap between the two models' samples is significant: difference of R2, mean of three
        properties, over its standard error in the draws
        -- two standard errors are the usual meaning of significant
"""

_OTHER_MATERIALS = """
    distribution_ratio | at most 1.0 | 0.0 | Section 3.2 and Fig. 4a, said of sandstone
        samples of the proposed model have property distributions like the authentic ones: their
        Kolmogorov-Smirnov distance over that of the Markov field's samples, the mean of three
        properties each; of several materials the worst counts
        -- the report sets the two models against each other; no distance is printed
    spread_proposed | about 1.0 | 0.3 | Section 3.2 and Fig. 4a, said of sandstone
        and they spread as much: standard deviation over the authentic one, mean of three
        properties; of several materials the worst counts
        -- similar to the eye, as for the sandstone in the notebook of Fig. 4
    variance_mrf | at most 0.5 | 0.0 | Section 3.2 and Fig. 4a, said of sandstone
        samples of the Markov field have significantly smaller variances: over the authentic one,
        mean of three properties; of several materials the worst counts
        -- half the variance is more than a few hundred samples give by chance
    gain_proposed | at least 0.0 | 0.0 | Section 3.2 and Fig. 4b, said of sandstone
        samples of the proposed model raise the test R2, mean of three properties, above that of
        networks trained on for as long without them; of several materials the worst counts
        -- any gain bears the words out; training on alone must not be counted as one
    gap | at least 0.0 | 0.0 | Section 3.2 and Fig. 4b, said of sandstone
        they raise it more than the Markov field's: difference of R2, mean of three properties; of
        several materials the worst counts -- stated as a sign
"""

_GRADIENTS = f"""
    network_r2 | at least 0.8 | 0.0 | Section 4
        The network whose gradients are judged predicts the modulus accurately (test R2)
        -- no number in the report; four fifths of the variance
    image_cosine | at most 0.5 | 0.0 | Section 4, Fig. 5
        Its gradient in image space is misleading: cosine with the exact gradient -- {_HALFWAY}
    latent_cosine | at least 0.5 | 0.0 | Section 4, Fig. 5
        Its gradient in latent space is meaningful: cosine with the exact gradient -- {_HALFWAY}
    image_gain | at most 0.5 | 0.0 | Section 4, Fig. 5
        Image space: modulus that a two-phase microstructure gains, of what is predicted
        -- no number in the report; less than half of what is predicted
    latent_gain | at least 0.5 | 0.0 | Section 4, Fig. 5
        Latent space: modulus that a two-phase microstructure gains, of what is predicted
        -- no number in the report; more than half of what is predicted
    latent_pore_size | at most 1.0 | 0.0 | Sections 1 and 4
        Latent space: pores shrink along rising modulus (mean chord, end over start)
        -- stated as a sign
    grey_image | at least 1.0 | 0.0 | Section 4, Fig. 5
        Image space: unrealistic perturbations (share of grey pixels, over that of latent space)
        -- seen in the figure; a pixel that is neither phase is no microstructure
"""

_TRAIT = f"""
    negative_slopes | at least 1.0 | 0.05 | Section 4.1, Fig. 6
        Pore fraction falls along rising modulus: share of 100 starts, by the network
        -- the figure shows no exception; five starts in a hundred may be
    negative_slopes_solver | at least 1.0 | 0.05 | Section 4.1, Fig. 6
        The trait is that of the physics: the same share, by the solver
        -- the figure shows no exception; five starts in a hundred may be
    median_slope | at most 0.0 | 0.0 | Section 4.1, Fig. 6
        Median change of the pore fraction, for a rise of the modulus by that of the solid
        -- stated as a sign
    bound_similarity | at least 0.5 | 0.0 | Section 4.1
        Interpretability: similarity of the network's rises to the Hashin-Shtrikman bound's
        -- {_HALFWAY}
    above_bound | at most 0.0 | 0.05 | Sections 2 and 4.1
        Predicted moduli above the Hashin-Shtrikman bound at their volume fraction (share)
        -- asked, not answered, in the report; pores of one pixel are too stiff on the solver's
        mesh
"""

_TRAIT_LOSS = """
    r2_change | at least 0.0 | 0.05 | Section 4.1
        A loss on the trait is feasible: change of the test R2 of the modulus
        -- a proposal, not tried in the report; a loss of accuracy too small to matter
    similarity_change | at least 0.0 | 0.0 | Sections 2 and 4.1
        It improves interpretability: change of the similarity to the trait of the bound
        -- a proposal, not tried in the report; stated as a sign
    latent_cosine_change | at least 0.0 | 0.0 | Sections 2 and 4.1
        It makes gradients more meaningful: change of their cosine with the exact one, latent
        -- a proposal, not tried in the report; stated as a sign
"""

CLAIMS: dict[str, Claim] = read_claims(
    {
        "fig1_generations": _ERRORS + _GENERATIONS,
        "fig2_fig3_architectures": _FILTERS + _ARCHITECTURES,
        "fig4_small_data": _SMALL_DATA,
        "fig5_gradients": _GRADIENTS,
        "fig6_trait": _TRAIT,
        "beyond_trait_loss": _TRAIT_LOSS,
        "beyond_other_materials": _OTHER_MATERIALS,
    }
)
"""Every claim, keyed ``"<notebook that checks it>.<name>"``."""
