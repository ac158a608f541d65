"""What the API of saved ways to pay takes and gives. A client names our own ids only."""

from typing import Any

from rest_framework import serializers

from payments.enums import MethodKind, MethodStatus, SetupStatus

Base = serializers.Serializer[Any]


class SavedMethodSerializer(Base):
    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=MethodKind.values)
    status = serializers.ChoiceField(choices=[MethodStatus.ACTIVE.value, MethodStatus.EXPIRED.value])
    label = serializers.CharField(  # type: ignore[assignment]  # DRF's own attribute of that name is not needed here
        help_text="What its owner knows it by: `Visa ending in 4242`"
    )
    brand = serializers.CharField()
    last4 = serializers.CharField()
    expiry_month = serializers.IntegerField(allow_null=True)
    expiry_year = serializers.IntegerField(allow_null=True)
    payer_email = serializers.CharField(help_text="Of a PayPal account, shortened: `a***r@example.org`")
    is_default = serializers.BooleanField()


class SavedMethodsSerializer(Base):
    consent_text = serializers.CharField(help_text="What is agreed to by saving; shown beside the box")
    methods = SavedMethodSerializer(many=True)


class BeginSetupSerializer(Base):
    kind = serializers.ChoiceField(choices=MethodKind.values)
    consent = serializers.BooleanField(help_text="The person has agreed to `consent_text`; must be true")
    consent_text = serializers.CharField(
        max_length=300, help_text="The words that were shown; stored with what is kept. 409 when they have changed"
    )

    def validate_consent(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("Nothing is saved without consent.")
        return value


class SetupSerializer(Base):
    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=MethodKind.values)
    client_secret = serializers.CharField(allow_null=True, help_text="For the processor's script")
    approval_url = serializers.CharField(allow_null=True, help_text="PayPal's own page")
    processor_setup_id = serializers.CharField(allow_null=True, help_text="For PayPal's buttons; null for cards")


class SetupCompletedSerializer(Base):
    status = serializers.ChoiceField(choices=SetupStatus.values)
    method = SavedMethodSerializer(allow_null=True)
