"""Which view answers which address; the dashboard takes what is left."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from api import predict
from api.views import analyses, batches, dashboard, exports, health, media, metrics, model, models, session, tokens

urlpatterns = [
    path("health", health.show, name="health"),
    path("livez", health.live, name="livez"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.show, name="metrics"),
    path("predict", predict.judge, name="predict"),
    path("api/v1/session", session.SessionView.as_view(), name="session"),
    path("api/v1/tokens", tokens.TokensView.as_view(), name="tokens"),
    path("api/v1/tokens/<uuid:token_id>", tokens.TokenView.as_view(), name="token"),
    path("api/v1/batches", batches.BatchesView.as_view(), name="batches"),
    path("api/v1/batches/<uuid:batch_id>", batches.BatchView.as_view(), name="batch"),
    path("api/v1/batches/<uuid:batch_id>/images", batches.BatchImagesView.as_view(), name="batch-images"),
    path("api/v1/batches/<uuid:batch_id>/reanalyse", batches.ReanalysisView.as_view(), name="batch-reanalyse"),
    path("api/v1/batches/<uuid:batch_id>/comparison", batches.ComparisonView.as_view(), name="batch-comparison"),
    path("api/v1/batches/<uuid:batch_id>/pause", batches.PauseView.as_view(), name="batch-pause"),
    path("api/v1/batches/<uuid:batch_id>/resume", batches.ResumeView.as_view(), name="batch-resume"),
    path("api/v1/batches/<uuid:batch_id>/cancel", batches.CancelView.as_view(), name="batch-cancel"),
    path("api/v1/batches/<uuid:batch_id>/retry", batches.RetryView.as_view(), name="batch-retry"),
    path("api/v1/batches/<uuid:batch_id>/exports", exports.BatchExportsView.as_view(), name="batch-exports"),
    path("api/v1/deletions", batches.DeletionsView.as_view(), name="deletions"),
    path("api/v1/exports/<uuid:export_id>", exports.ExportView.as_view(), name="export"),
    path("api/v1/exports/<uuid:export_id>/file", exports.ExportFileView.as_view(), name="export-file"),
    path("api/v1/analyses", analyses.AnalysesView.as_view(), name="analyses"),
    path("api/v1/analyses/<uuid:analysis_id>", analyses.AnalysisView.as_view(), name="analysis"),
    path("api/v1/analyses/<uuid:analysis_id>/retry", analyses.RetryView.as_view(), name="analysis-retry"),
    path("api/v1/analyses/<uuid:analysis_id>/image", media.ImageView.as_view(), name="analysis-image"),
    path("api/v1/analyses/<uuid:analysis_id>/original", media.OriginalView.as_view(), name="analysis-original"),
    path("api/v1/analyses/<uuid:analysis_id>/thumbnail", media.ThumbnailView.as_view(), name="analysis-thumbnail"),
    path("api/v1/analyses/<uuid:analysis_id>/evidence", analyses.EvidenceView.as_view(), name="analysis-evidence"),
    path("api/v1/model", model.ModelView.as_view(), name="model"),
    path("api/v1/models", models.ModelsView.as_view(), name="models"),
    path("api/v1/models/rollback", models.RollbackView.as_view(), name="model-rollback"),
    path("api/v1/models/<str:version>", models.ModelVersionView.as_view(), name="model-version"),
    path("api/v1/models/<str:version>/activate", models.ActivationView.as_view(), name="model-activate"),
    path("api/v1/models/<str:version>/shadow", models.ShadowView.as_view(), name="model-shadow"),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="schema"),
    re_path(
        r"^(?!api/|static/|assets/|admin|(?:health|livez|readyz|metrics|predict)/?$).*$",
        dashboard.show,
        name="dashboard",
    ),
]
