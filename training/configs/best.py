"""Every layer of MobileNet tuned on all sources and on counterparts, from ImageNet.

Three stages: pairs of photographs and their counterparts alone, on windows of 128 pixels, which teaches what a
generator leaves behind before any known fake is seen; all sources with a third of each batch counterparts, on windows
of 160 pixels; the same on whole faces, as they are served. The first stage sees photographs of sources with both
classes alone, so that cross-fitting (training.crossfit) can share it while other photographs are measured unseen.
Data: a folder of sources with the gathered sets in it, and a folder of their counterparts.
Duration: about 80 minutes on two cores of 2.6 GHz, resumable after each epoch.
Command: make train RECIPE=best DATA=FOLDER ARGS="--counterparts FOLDER"
"""

from dataclasses import replace

from training.recipe import Mixture, Recipe, Stage

MIXTURE = Mixture(
    images_per_epoch=5248,
    emphasis={"ffhq-stylegan": 2.5, "ffpp": 1.5, "sd3": 1.5},
    # Retouched photographs are no synthetic images: they are measured and not claimed. The AI portraits' plain
    # backgrounds tell them from CelebA without a trace.
    left_out=("edit", "celeba-aifaces/fake"),
    whole=("dfdc-faceswap", "dfdc-faceswap-more", "ffpp", "ffpp-nt", "openforensics"),
    recropped=("unsplash-stylegan2",),
    paired=("dfdc-faceswap",),
)

RECIPE = Recipe(
    name="best",
    input_size=256,
    scaling="signed",
    head="linear",
    dropout=0.3,
    label_smoothing=0.05,
    augmentation="shared",
    mixing="none",
    batch_norm_momentum=0.9,
    average_decay=0.99,
    batch_size=32,
    seed=20,
    stages=(
        Stage(
            epochs=6,
            learning_rate=4e-4,
            trains_backbone=True,
            schedule="cosine",
            weight_decay=1e-3,
            window=128,
            pairs=16,
            paired_sources=True,
        ),
        Stage(
            epochs=20,
            learning_rate=4e-4,
            trains_backbone=True,
            schedule="cosine",
            weight_decay=1e-3,
            window=160,
            pairs=5,
        ),
        Stage(epochs=3, learning_rate=1e-4, trains_backbone=True, schedule="cosine", weight_decay=1e-3, pairs=4),
    ),
    fit_splits=("train",),
    mixture=MIXTURE,
)


def leave_out(family: str, sources: tuple[str, ...]) -> Recipe:
    """The same in fewer steps, without a family of fakes and without the photographs of some sources."""
    first, windows, whole = RECIPE.stages
    return replace(
        RECIPE,
        name=f"best_without_{family}",
        stages=(first, replace(windows, epochs=8), replace(whole, epochs=1)),
        mixture=replace(
            MIXTURE,
            images_per_epoch=MIXTURE.images_per_epoch // 2,
            left_out=(*MIXTURE.left_out, family, *(f"{source}/real" for source in sources)),
        ),
    )
