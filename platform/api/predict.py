"""x"""


def judge(request): ...
