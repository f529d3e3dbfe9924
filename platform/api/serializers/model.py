"""The model that serves, as the API shows it."""

from typing import Any

from rest_framework import serializers


class IntervalSerializer(serializers.Serializer[Any]):
    value = serializers.FloatField()
    low = serializers.FloatField(help_text="Lower end of the 95 % interval.")
    high = serializers.FloatField(help_text="Upper end of the 95 % interval.")


class ThresholdsSerializer(serializers.Serializer[Any]):
    real_below = serializers.FloatField()
    fake_from = serializers.FloatField()


class ModelTestSerializer(serializers.Serializer[Any]):
    n = serializers.IntegerField(help_text="Images in the test split, none of them seen in training.")
    accuracy = IntervalSerializer()
    auc = IntervalSerializer()


class ModelSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    recipe = serializers.CharField()
    engine = serializers.CharField()
    input_size = serializers.IntegerField()
    trained_on = serializers.CharField()
    limits = serializers.ListField(child=serializers.CharField())
    thresholds = ThresholdsSerializer()
    test = ModelTestSerializer(allow_null=True)  # null before the model was evaluated
