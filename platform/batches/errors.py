"""What can go wrong between an upload and its result; every leaf has a code and a sentence for the user.

BatchesError
 ├ StorageFull            storage_full
 ├ StorageBusy            storage_busy
 ├ StorageAway            storage_away
 ├ TooLarge               file_too_large
 ├ FileMissing            file_missing
 ├ FileCorrupt            file_corrupt
 ├ BatchNotFound          not_found
 ├ BatchFull              batch_full
 ├ BatchCancelled         batch_cancelled
 ├ BatchChanged           batch_changed
 ├ KeyReused              idempotency_key_reused
 ├ ExportNotFound         not_found
 ├ ExportNotReady         export_not_ready
 ├ ExportFailed           export_failed
 ├ QuotaExceeded          quota_exceeded
 ├ OverQuota              over_quota
 ├ BacklogFull            backlog_full
 ├ NothingToRepeat        nothing_to_repeat
 ├ WorkerCrashed          worker_crashed
 └ ArchiveError
    ├ ArchiveDamaged      archive_damaged
    ├ ArchiveEncrypted    archive_encrypted
    ├ ArchiveTooLarge     archive_too_large
    ├ ArchiveTooManyFiles archive_too_many_files
    ├ ArchiveUnsafeEntry  archive_unsafe_entry
    └ ArchiveNested       archive_nested
"""


class BatchesError(Exception):
    code: str
    message: str

    def __init__(self) -> None:
        super().__init__(self.message)


class StorageFull(BatchesError):
    code = "storage_full"
    message = "The disk is full, so nothing of this upload was kept. Free some space, then send it again."


class StorageBusy(BatchesError):
    code = "storage_busy"
    message = "The same image was being deleted as it came in. Nothing of this upload was kept; send it again."


class StorageAway(BatchesError):
    code = "storage_away"
    message = "The place where images are stored cannot be reached just now. Nothing was changed; try again soon."


class TooLarge(BatchesError):
    code = "file_too_large"
    message = "The file is larger than an image may be. Send a smaller copy."


class FileMissing(BatchesError):
    code = "file_missing"
    message = "The stored image file is gone. Send the image again."


class FileCorrupt(BatchesError):
    code = "file_corrupt"
    message = "The stored image file has changed since it was received. Send the image again."


class BatchNotFound(BatchesError):
    code = "not_found"
    message = "There is no such batch among yours."


class BatchFull(BatchesError):
    code = "batch_full"
    message = "The batch has as many images as a batch can hold. Send the rest as a new batch."


class BatchCancelled(BatchesError):
    code = "batch_cancelled"
    message = (
        "The batch was cancelled, so nothing more is done in it. Have its images retried to take it up again, or "
        "start a new batch."
    )


class BatchChanged(BatchesError):
    code = "batch_changed"
    message = "Images were added to the batch at the same moment, so it was not deleted. Look at it, then try again."


class KeyReused(BatchesError):
    code = "idempotency_key_reused"
    message = (
        "This Idempotency-Key came before with other files or another name. Nothing was kept; give every upload a "
        "key of its own, and send the key again only with the same upload."
    )


class ExportNotFound(BatchesError):
    code = "not_found"
    message = "There is no such export among yours. Exports are kept for some days; ask for it again."


class ExportNotReady(BatchesError):
    code = "export_not_ready"
    message = "The file is not written yet, or could not be. Look at the export's state, then come back."


class ExportFailed(BatchesError):
    code = "export_failed"
    message = "The worker stopped each time it wrote this file. Ask for the export again, or for fewer results."


class QuotaExceeded(BatchesError):
    code = "quota_exceeded"
    message = (
        "You have as many images waiting as one user may. Nothing of this request was kept; "
        "send it again when some of them are done."
    )


class OverQuota(BatchesError):
    code = "over_quota"
    message = "This request alone holds more than one user may have waiting. Nothing of it was kept; send it in parts."


class BacklogFull(BatchesError):
    code = "backlog_full"
    message = (
        "More images wait here than the workers can do soon. Nothing of this request was kept; try again later, "
        "or ask an administrator for more workers."
    )


class NothingToRepeat(BatchesError):
    code = "nothing_to_repeat"
    message = "No result of this batch fits the choice, so there is nothing to analyse again. Choose more widely."


class WorkerCrashed(BatchesError):
    code = "worker_crashed"
    message = "The worker stopped each time it opened this image, so it was set aside. It can be retried."


class ArchiveError(BatchesError):
    """Something is wrong with a ZIP file or with one entry of it."""


class ArchiveDamaged(ArchiveError):
    code = "archive_damaged"
    message = (
        "The ZIP file is damaged or not made as a ZIP file should be. Make it again, or send the images themselves."
    )


class ArchiveEncrypted(ArchiveError):
    code = "archive_encrypted"
    message = "The ZIP file is protected by a password. Send it without one."


class ArchiveTooLarge(ArchiveError):
    code = "archive_too_large"
    message = "The ZIP file unpacks to more than it may, by itself or with others. Split it, or send it on its own."


class ArchiveTooManyFiles(ArchiveError):
    code = "archive_too_many_files"
    message = (
        "The ZIP file holds more than 5,000 files, or more than 50,000 with others. Split it, or send it on its own."
    )


class ArchiveUnsafeEntry(ArchiveError):
    code = "archive_unsafe_entry"
    message = "The entry is a link, a device or points outside the ZIP file, so it was left out."


class ArchiveNested(ArchiveError):
    code = "archive_nested"
    message = "The entry is an archive itself. Send its images unpacked, or that archive on its own."
