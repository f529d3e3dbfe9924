"""The administrator's view of model versions and of who let which one judge: history, so read-only."""

from django.contrib import admin

from batches.admin import HistoryAdmin
from registry.models import Activation, ModelVersion


@admin.register(ModelVersion)
class ModelVersionAdmin(HistoryAdmin):
    list_display = ("version", "recipe", "state", "is_shipped", "problem", "imported_at", "imported_by")
    list_filter = ("state", "recipe")
    list_select_related = ("imported_by",)
    ordering = ("-imported_at",)
    search_fields = ("version",)


@admin.register(Activation)
class ActivationAdmin(HistoryAdmin):
    list_display = ("version", "previous", "kind", "at", "by")
    list_filter = ("kind", "at")
    list_select_related = ("version", "previous", "by")
    ordering = ("-id",)
