"""Every layer of MobileNet tuned on many kinds of fakes and photographs, two in five as the web degrades them.

It starts where an earlier run of its own ended, which knew rectangles only and had begun where the recipe `finetuned`
ended; all of them train on the same splits. That run knew the training images of ffhq-stylegan by heart (AUC 1.0).
Mosaics of several images, and fakes beside the photograph they were made of, leave little but traces to learn:

| AUC, validation images | that run | this |
|---|---|---|
| of all sources alike, clean and degraded | 0.971 | 0.974 |
| ffhq-stylegan | 0.952 | 0.964 |
| dfdc-faceswap | 0.898 | 0.917 |
| unsplash-stylegan2 | 0.955 | 0.970 |

Tried on ffhq-stylegan alone, from ImageNet: the network cut off after its sixth block, 16 epochs, 0.85; without a
network, by logistic regression over statistics of DCT blocks 0.77, of neighbouring pixels 0.77, over the radial
spectrum 0.67, over all three 0.78. Half way through a further cosine of 18 epochs with photographs blended with
themselves (arXiv 2204.08376) among the swaps, dfdc-faceswap was at 0.92 for 0.94 on the same validation images and no
other source was better, so it was ended there. Taught by itself (half of each target this model's answer, 15 epochs
from its weights), ten epochs on all sources alike were at 0.9748 for 0.9745, but ffhq-stylegan at 0.952 for 0.965 and
the rest as before; the mean of both models' weights lay between them.
Data: a folder of sources; 13,600 faces, 60 % trained on, 15 % to choose the epoch and calibrate.
Duration: about 45 minutes on 2 cores.
Command: make train RECIPE=mixed DATA=../shared/data/faces ARGS="--weights runs/EARLIER/bundle/keras.weights.h5"
"""

from dataclasses import replace

from training.recipe import Mixture, Recipe, Stage

MIXTURE = Mixture(
    images_per_epoch=5248,
    emphasis={"ffhq-stylegan": 3.5, "dfdc-faceswap": 3.0},
    # Retouched photographs are no synthetic images: they are measured and not claimed. The AI portraits' plain
    # backgrounds tell them from CelebA without a trace.
    left_out=("portraits-photoshop/fake", "celeba-aifaces/fake"),
    whole=("dfdc-faceswap",),
    recropped=("unsplash-stylegan2",),
    paired=("dfdc-faceswap",),
)

RECIPE = Recipe(
    name="mixed",
    input_size=256,
    scaling="signed",
    head="linear",
    dropout=0.3,
    label_smoothing=0.05,
    augmentation="roaming",
    mixing="mosaics",
    batch_norm_momentum=0.9,
    average_decay=0.995,
    batch_size=32,
    seed=20,
    stages=(
        Stage(epochs=1, learning_rate=1e-3, trains_backbone=False, schedule="constant"),
        Stage(epochs=13, learning_rate=3e-4, trains_backbone=True, schedule="cosine", weight_decay=1e-3),
    ),
    fit_splits=("train",),
    mixture=MIXTURE,
)


def leave_out(name: str, parts: tuple[str, ...]) -> Recipe:
    """The same without these "source/label", in fewer epochs: what it makes of a kind of fake that it never saw."""
    head, body = RECIPE.stages
    return replace(
        RECIPE,
        name=f"best_without_{name}",
        stages=(head, replace(body, epochs=4)),
        mixture=replace(MIXTURE, left_out=MIXTURE.left_out + parts),
    )
