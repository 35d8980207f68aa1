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

_OUTPERFORMS = (
    "'significantly outperforms standard generative models' carries no number; any smaller error "
    "bears it out"
)

_MODELS = {
    "autoencoder": "a plain autoencoder",
    "vae": "a variational autoencoder without the morphology",
    "markov": "a Markov field",
}


def _errors(name: str, statistic: str) -> dict[str, Claim]:
    """Claims that the samples of each model are further from authentic ones than the proposed."""
    return {
        f"{name}_{model}": Claim(
            f"samples of {text} are further from authentic ones: error of the {statistic} over "
            "that of the proposed model",
            1.0,
            "Sections 2 and 3, Fig. 1",
            "at least",
            0.0,
            _OUTPERFORMS,
        )
        for model, text in _MODELS.items()
    }


_GENERATIONS: dict[str, Claim] = {
    **_errors("two_point", "two-point correlation"),
    **_errors("lineal_path", "lineal path"),
    "spread_proposed": Claim(
        "samples of the proposed model have the distribution of the authentic ones: standard "
        "deviation of the volume fraction over theirs",
        1.0,
        "Section 3.1 and Fig. 1e",
        "about",
        0.3,
        "the spread of crops of 20 images a set is itself uncertain by about a sixth, and that of "
        "the three authentic sets differs by as much",
    ),
    "spread_markov": Claim(
        "all samples of the Markov field have the same volume fraction: the same ratio",
        0.0,
        "Section 3.2",
        "at most",
        0.2,
        "its search for the wanted fraction stops within half a percent of the pixels, an eighth "
        "of the authentic spread",
    ),
    "defects_markov": Claim(
        "samples of the Markov field have artificial defects: specks of up to three pixels, over "
        "those of authentic images",
        1.5,
        "Section 3, Figs. 1d and 1f",
        "at least",
        0.0,
        "seen in the figure, not counted; half as many again is more than the authentic sets "
        "differ by",
    ),
    "novelty": Claim(
        "samples of the proposed model are new: median difference from the most similar image it "
        "learnt from, over that of authentic images it has not seen",
        1.0,
        "Section 3.1",
        "at least",
        0.25,
        "assumed in the report; copies would give zero, and pores of the right size in other "
        "places about one",
    ),
}

_CODE = "the authors' code, Fig. 2"
_LAYER = "a number of layers, filters or neurons"


def _filters(network: str, filters: tuple[int, ...]) -> dict[str, Claim]:
    """Claims on the filters of each convolution of a network."""
    return {
        f"{network}_filters_{layer}": Claim(
            f"filters of convolution {layer} of the {network}",
            number,
            _CODE,
            "about",
            0.0,
            _LAYER,
        )
        for layer, number in enumerate(filters, start=1)
    }


def _count(statement: str, value: int, where: str = _CODE) -> Claim:
    """Claim on a number of layers, neurons or terms."""
    return Claim(statement, value, where, "about", 0.0, _LAYER)


_ARCHITECTURES: dict[str, Claim] = {
    **_filters("encoder", (32, 32, 64, 64, 96, 96)),
    **_filters("decoder", (96, 96, 64, 64, 32, 32)),
    "neurons": _count("neurons of the hidden dense layer of encoder and decoder", 256),
    "latents": _count("latent variables", 16),
    "seed_side": _count("side of the map that the decoder's dense layers give", 16),
    "terms_autoencoder": _count("terms in the loss of the autoencoder", 1, "Fig. 2a"),
    "terms_vae": _count("terms in the loss of the variational autoencoder", 2, "Fig. 2b"),
    "terms_morphology": _count(
        "terms in the loss of the proposed model", 4, "the authors' code, Fig. 3"
    ),
    "more_weights": _count(
        "weights that the proposed model learns beyond those of the variational autoencoder",
        0,
        "Fig. 3",
    ),
}

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

_HALFWAY = "no number in the report; half-way between unrelated (0) and the same (1)"

_GRADIENTS: dict[str, Claim] = {
    "network_r2": Claim(
        "The network whose gradients are judged predicts the modulus accurately (test R2)",
        0.8,
        "Section 4",
        "at least",
        0.0,
        "no number in the report; four fifths of the variance",
    ),
    "image_cosine": Claim(
        "Its gradient in image space is misleading: cosine with the exact gradient",
        0.5,
        "Section 4, Fig. 5",
        "at most",
        0.0,
        _HALFWAY,
    ),
    "latent_cosine": Claim(
        "Its gradient in latent space is meaningful: cosine with the exact gradient",
        0.5,
        "Section 4, Fig. 5",
        "at least",
        0.0,
        _HALFWAY,
    ),
    "image_gain": Claim(
        "Image space: modulus that a two-phase microstructure gains, of what is predicted",
        0.5,
        "Section 4, Fig. 5",
        "at most",
        0.0,
        "no number in the report; less than half of what is predicted",
    ),
    "latent_gain": Claim(
        "Latent space: modulus that a two-phase microstructure gains, of what is predicted",
        0.5,
        "Section 4, Fig. 5",
        "at least",
        0.0,
        "no number in the report; more than half of what is predicted",
    ),
    "latent_pore_size": Claim(
        "Latent space: pores shrink along rising modulus (mean chord, end over start)",
        1.0,
        "Sections 1 and 4",
        "at most",
        0.0,
        "stated as a sign",
    ),
    "grey_image": Claim(
        "Image space: unrealistic perturbations (share of grey pixels, over that of latent space)",
        1.0,
        "Section 4, Fig. 5",
        "at least",
        0.0,
        "seen in the figure; a pixel that is neither phase is no microstructure",
    ),
}

_TRAIT: dict[str, Claim] = {
    "negative_slopes": Claim(
        "Pore fraction falls along rising modulus: share of 100 starts, by the network",
        1.0,
        "Section 4.1, Fig. 6",
        "at least",
        0.05,
        "the figure shows no exception; five starts in a hundred may be",
    ),
    "negative_slopes_solver": Claim(
        "The trait is that of the physics: the same share, by the solver",
        1.0,
        "Section 4.1, Fig. 6",
        "at least",
        0.05,
        "the figure shows no exception; five starts in a hundred may be",
    ),
    "median_slope": Claim(
        "Median change of the pore fraction, for a rise of the modulus by that of the solid",
        0.0,
        "Section 4.1, Fig. 6",
        "at most",
        0.0,
        "stated as a sign",
    ),
    "bound_similarity": Claim(
        "Interpretability: similarity of the network's rises to the Hashin-Shtrikman bound's",
        0.5,
        "Section 4.1",
        "at least",
        0.0,
        _HALFWAY,
    ),
    "above_bound": Claim(
        "Predicted moduli above the Hashin-Shtrikman bound at their volume fraction (share)",
        0.0,
        "Sections 2 and 4.1",
        "at most",
        0.05,
        "asked, not answered, in the report; pores of one pixel are too stiff on the solver's mesh",
    ),
}

_TRAIT_LOSS: dict[str, Claim] = {
    "r2_change": Claim(
        "A loss on the trait is feasible: change of the test R2 of the modulus",
        0.0,
        "Section 4.1",
        "at least",
        0.05,
        "a proposal, not tried in the report; a loss of accuracy too small to matter",
    ),
    "similarity_change": Claim(
        "It improves interpretability: change of the similarity to the trait of the bound",
        0.0,
        "Sections 2 and 4.1",
        "at least",
        0.0,
        "a proposal, not tried in the report; stated as a sign",
    ),
    "latent_cosine_change": Claim(
        "It makes gradients more meaningful: change of their cosine with the exact one, latent",
        0.0,
        "Sections 2 and 4.1",
        "at least",
        0.0,
        "a proposal, not tried in the report; stated as a sign",
    ),
}

_WORST = "; of several materials the worst counts"

_OTHER_MATERIALS: dict[str, Claim] = {
    "distribution_ratio": Claim(
        "samples of the proposed model have property distributions like the authentic ones: "
        "their Kolmogorov-Smirnov distance over that of the Markov field's samples, the mean of "
        "three properties each" + _WORST,
        1.0,
        "Section 3.2 and Fig. 4a, said of sandstone",
        "at most",
        0.0,
        "the report sets the two models against each other; no distance is printed",
    ),
    "spread_proposed": Claim(
        "and they spread as much: standard deviation over the authentic one, mean of three "
        "properties" + _WORST,
        1.0,
        "Section 3.2 and Fig. 4a, said of sandstone",
        "about",
        0.3,
        "similar to the eye, as for the sandstone in the notebook of Fig. 4",
    ),
    "variance_mrf": Claim(
        "samples of the Markov field have significantly smaller variances: over the authentic "
        "one, mean of three properties" + _WORST,
        0.5,
        "Section 3.2 and Fig. 4a, said of sandstone",
        "at most",
        0.0,
        "half the variance is more than a few hundred samples give by chance",
    ),
    "gain_proposed": Claim(
        "samples of the proposed model raise the test R2, mean of three properties, above that of "
        "networks trained on for as long without them" + _WORST,
        0.0,
        "Section 3.2 and Fig. 4b, said of sandstone",
        "at least",
        0.0,
        "any gain bears the words out; training on alone must not be counted as one",
    ),
    "gap": Claim(
        "they raise it more than the Markov field's: difference of R2, mean of three properties"
        + _WORST,
        0.0,
        "Section 3.2 and Fig. 4b, said of sandstone",
        "at least",
        0.0,
        "stated as a sign",
    ),
}

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
