"""People and their case records: the only personal data, sealed in `persons`."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from outreach.storage.tables.base import Moment, id_column, metadata, needed, platform_code, reference

persons = Table(
    "persons",
    metadata,
    id_column(),
    platform_code(),
    Column("sealed", LargeBinary),  # JSON under the person's own key; null once erased
    Column("name_birth_index", LargeBinary, index=True),
    needed("language", Text, "'fr'"),
    Column("time_zone", Text, nullable=False, index=True),
    needed("phone_region", Text, "'FR'"),
    needed("adult", Boolean, "true"),
    needed("opted_out", Boolean, "false"),
    needed("created_at", Moment),
    Column("erased_at", Moment),
    needed("version", Integer, "1"),
    # The sweep that erases them looks at the oldest first.
    Index("persons_not_erased_idx", "created_at", "id", postgresql_where=text("erased_at is null")),
)

# Kept apart so that backups of the keys can be short-lived: without its key a person is erased everywhere.
person_keys = Table(
    "person_keys",
    metadata,
    Column("person_id", Uuid, ForeignKey("persons.id"), primary_key=True),
    needed("wrapped_key", LargeBinary),
)

person_phones = Table(
    "person_phones",
    metadata,
    reference("persons", "person_id"),
    needed("position", SmallInteger),  # 0 is tried first; the number itself lies in persons.sealed
    needed("number_index", LargeBinary),
    needed("line_type", Text),
    needed("can_sms", Boolean),
    needed("time_zone", Text),
    needed("bad", Boolean, "false"),
    PrimaryKeyConstraint("person_id", "position"),
    Index("person_phones_number_index_idx", "number_index"),
)

case_records = Table(
    "case_records",
    metadata,
    id_column(),
    platform_code(),
    reference("persons", "person_id", index=True),
    needed("kind", Text),  # POSITIVE | CONTACT
    needed("state", Text, "'OPEN'"),  # OPEN | CLOSED
    Column("closed_because", Text),
    Column("sampled_at", Moment),
    Column("result_at", Moment),  # positives
    needed("listed_at", Moment),  # when we first knew of them; contacts' clock starts here
    needed("deadline", Moment),
    Column("last_exposure_on", Date),
    needed("household", Boolean, "false"),
    needed("collective_setting", Boolean, "false"),
    needed("vulnerable", Boolean, "false"),
    needed("needs_sick_leave", Boolean, "false"),
    Column("converted_at", Moment),
    Column("merged_into", Uuid),  # the record that stands for this person now
    # Live figures, written with the outcome; service_level recomputes them from the journal.
    Column("first_called_at", Moment),
    Column("reached_at", Moment),
    Column("informed_at", Moment),
    Column("last_outcome", Text),
    needed("version", Integer, "1"),
    Index(
        "case_records_platform_result_idx",
        "platform",
        "result_at",
        postgresql_where=text("kind = 'POSITIVE'"),
    ),
    Index("case_records_platform_listed_idx", "platform", "listed_at"),
    Index("case_records_merged_into_idx", "merged_into", postgresql_where=text("merged_into is not null")),
)

case_references = Table(  # what outside systems call a record; several when records were merged
    "case_references",
    metadata,
    platform_code(),
    needed("source", Text),
    needed("external_id", Text),
    reference("case_records", "case_record_id", index=True),
    needed("content_digest", LargeBinary),
    needed("created_at", Moment),
    PrimaryKeyConstraint("platform", "source", "external_id"),
)

exposures = Table(
    "exposures",
    metadata,
    id_column(),
    reference("case_records", "contact_id"),
    reference("case_records", "positive_id", null=True, index=True),
    needed("positive_reference", Text, "''"),  # kept when the positive is not known yet
    Column("last_contact_on", Date),
    needed("nature", Text, "''"),  # domain/exposure_natures.py; what was written lies sealed
    needed("created_at", Moment),
    UniqueConstraint("contact_id", "positive_reference", name="exposures_contact_positive_key"),
    Index("exposures_unsettled_idx", "positive_reference", postgresql_where=text("positive_id is null")),
)
