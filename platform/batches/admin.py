"""The administrator's view of all batches, analyses and images: searchable, and read-only because it is history."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Min, Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from batches import lifecycle, selectors
from batches.models import Analysis, Batch, Deletion, Export, Image, Verdict

MAX_COUNTED = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not generic when it runs
    """Counts up to MAX_COUNTED rows: counting a million takes longer than anybody pages."""

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin pages nothing else
        return rows.order_by()[:MAX_COUNTED].count()


class HistoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Everything can be looked at and nothing changed, whoever looks."""

    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ModelVersionFilter(admin.SimpleListFilter):
    title = "model version"
    parameter_name = "model_version"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Goes from each version to the next through the index; DISTINCT would read a million rows."""
        versions: list[str] = []
        while True:
            beyond = selectors.judged().filter(model_version__gt=versions[-1] if versions else "")
            following = beyond.aggregate(first=Min("model_version"))["first"]
            if following is None:
                return [(version, version) for version in versions]
            versions.append(following)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Analysis]) -> QuerySet[Analysis]:
        # The first condition as in selectors.judged, for the index.
        return queryset.filter(model_version__gt="", model_version=self.value()) if self.value() else queryset


@admin.register(Batch)
class BatchAdmin(HistoryAdmin):
    list_display = (
        "name",
        "owner",
        "created_at",
        "finished_at",
        "total",
        "waiting",
        "paused",
        "done",
        "failed",
        "quarantined",
        "cancelled",
        "fake",
        "real",
        "inconclusive",
        "analyses",
    )
    list_filter = ("lane", "created_at", ("finished_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner",)
    ordering = ("-created_at",)
    search_fields = ("name", "owner__username")
    search_help_text = "Name, owner or id of a batch"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Batch], search_term: str
    ) -> tuple[QuerySet[Batch], bool]:
        if batch_id := as_uuid(search_term):
            return queryset.filter(id=batch_id), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="analyses")
    def analyses(self, batch: Batch) -> SafeString:
        address = f"{reverse('admin:batches_analysis_changelist')}?batch__id__exact={batch.pk}"
        return format_html('<a href="{}">show</a>', address)


@admin.register(Analysis)
class AnalysisAdmin(HistoryAdmin):
    list_display = (
        "thumbnail",
        "filename",
        "state",
        "verdict",
        "strength",
        "likelihood",
        "lean",
        "probability",
        "model_version",
        "batch",
        "error_code",
        "created_at",
    )
    list_display_links = ("thumbnail", "filename")
    list_filter = ("verdict", "state", ModelVersionFilter, "created_at")
    list_select_related = ("batch",)
    ordering = ("-created_at", "id")
    sortable_by = ()  # a million rows have the order of the index and no other
    search_fields = ("filename", "batch__name")
    search_help_text = "File name, name of a batch, id of an analysis or a batch, or SHA-256 of an image"
    fields = ("picture", *(field.name for field in Analysis._meta.fields))
    actions = ("retry",)

    def get_fields(
        self, request: HttpRequest, obj: Model | None = None
    ) -> tuple[str | list[str] | tuple[str, ...], ...]:
        """Without the score and the map of an image that is not assessed: they mean nothing there."""
        is_assessed = not isinstance(obj, Analysis) or obj.verdict != Verdict.NOT_ASSESSED
        return tuple(name for name in self.fields if is_assessed or name not in ("fake_probability", "map"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Analysis], search_term: str
    ) -> tuple[QuerySet[Analysis], bool]:
        if row_id := as_uuid(search_term):
            return queryset.filter(id=row_id) | queryset.filter(batch_id=row_id), False
        if len(search_term) == 64 and search_term.isalnum():
            return queryset.filter(image_id=search_term.lower()), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="")
    def thumbnail(self, analysis: Analysis) -> SafeString:
        return picture_of(analysis.pk, "analysis-thumbnail", 48, f"Open {analysis.filename}")

    @admin.display(description="fake probability")
    def probability(self, analysis: Analysis) -> str:
        is_hidden = analysis.fake_probability is None or analysis.verdict == Verdict.NOT_ASSESSED
        return "" if is_hidden else f"{analysis.fake_probability:.4f}"

    @admin.display(description="likelihood ratio")
    def likelihood(self, analysis: Analysis) -> str:
        ratio = analysis.likelihood_ratio
        return "{value:.3g} ({low:.3g} to {high:.3g})".format_map(ratio) if ratio else ""

    @admin.display(description="picture")
    def picture(self, analysis: Analysis) -> SafeString:
        return picture_of(analysis.pk, "analysis-image", 480, analysis.filename)

    @admin.action(description="Analyse again what failed or is quarantined", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Analysis]) -> None:
        count = lifecycle.retry(Analysis.objects.filter(pk__in=queryset.values("pk")))
        self.message_user(request, ngettext("%d analysis waits again.", "%d analyses wait again.", count) % count)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("batches.change_analysis")


@admin.register(Image)
class ImageAdmin(HistoryAdmin):
    list_display = ("thumbnail", "sha256", "format", "width", "height", "byte_size", "created_at", "analyses")
    list_display_links = ("thumbnail", "sha256")
    list_filter = ("format",)
    search_fields = ("sha256__startswith", "=analyses__filename")
    search_help_text = "Beginning of the SHA-256, or a whole file name"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        shown_as = Analysis.objects.filter(image=OuterRef("pk")).values("pk")[:1]
        images: QuerySet[Image] = super().get_queryset(request)
        return images.annotate(analysis_id=Subquery(shown_as))

    @admin.display(description="")
    def thumbnail(self, image: Any) -> SafeString | str:
        if not image.analysis_id:
            return "not used"
        return picture_of(image.analysis_id, "analysis-thumbnail", 48, f"Open {image.sha256[:12]}")

    @admin.display(description="analyses")
    def analyses(self, image: Image) -> SafeString:
        address = f"{reverse('admin:batches_analysis_changelist')}?q={image.pk}"
        return format_html('<a href="{}">show</a>', address)


@admin.register(Export)
class ExportAdmin(HistoryAdmin):
    list_display = (
        "id",
        "batch",
        "owner",
        "format",
        "verdict",
        "state",
        "attempts",
        "rows",
        "byte_size",
        "error_code",
        "created_at",
        "finished_at",
    )
    list_filter = ("state", "format", "created_at")
    list_select_related = ("batch__owner",)
    ordering = ("-created_at", "id")
    search_fields = ("batch__name", "batch__owner__username")
    search_help_text = "Name or owner of a batch, or id of an export or a batch"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Export], search_term: str
    ) -> tuple[QuerySet[Export], bool]:
        if row_id := as_uuid(search_term):
            return queryset.filter(id=row_id) | queryset.filter(batch_id=row_id), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="owner", ordering="batch__owner__username")
    def owner(self, export: Export) -> str:
        return export.batch.owner.get_username()


@admin.register(Deletion)
class DeletionAdmin(HistoryAdmin):
    list_display = ("batch_id", "owner", "deleted_by", "deleted_at", "analyses", "files", "byte_size", "digest")
    list_filter = ("deleted_at",)
    list_select_related = ("owner", "deleted_by")
    ordering = ("-deleted_at",)
    search_fields = ("owner__username", "digest")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Deletion], search_term: str
    ) -> tuple[QuerySet[Deletion], bool]:
        if batch_id := as_uuid(search_term):
            return queryset.filter(batch_id=batch_id), False
        return super().get_search_results(request, queryset, search_term)


def picture_of(analysis_id: UUID, view: str, pixels: int, says: str) -> SafeString:
    return format_html(
        '<img src="{}" alt="{}" loading="lazy" style="max-width:{}px;max-height:{}px">',
        reverse(view, args=[analysis_id]),
        says,
        pixels,
        pixels,
    )


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
