"""What can go wrong while an image is decoded in a process of its own; each has a code and a sentence for the user.

WorkersError
 ├ DecoderUnavailable     decoder_unavailable
 └ DecoderError
    ├ DecoderCrash        decoder_crash
    ├ DecoderTimeout      decoder_timeout
    └ TooMuchMemory       too_much_memory
"""


class WorkersError(Exception):
    code: str
    message: str

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.message} ({detail})" if detail else self.message)
        self.detail = detail  # for the log


class DecoderUnavailable(WorkersError):
    code = "decoder_unavailable"
    message = "No process for decoding images can be started. Look for a lack of memory or of process numbers."


class DecoderError(WorkersError):
    """The image is to blame: decoding it ended badly for the process that tried."""


class DecoderCrash(DecoderError):
    code = "decoder_crash"
    message = "The image crashes its decoder, so it was left out. Open it in a viewer, save a copy and send that."


class DecoderTimeout(DecoderError):
    code = "decoder_timeout"
    message = "The image takes too long to decode, so it was left out. Open it in a viewer, save a copy and send that."


class TooMuchMemory(DecoderError):
    code = "too_much_memory"
    message = "The image needs too much memory to decode, so it was left out. Send a smaller copy."
