/* SPDX-License-Identifier: Apache-2.0
 * Every field that can leave, by the parts of proto/wire/SCHEMA.md: a field's number is its place
 * in its table, so a new field goes to the end and a number is never used twice. Packing,
 * unpacking, the privacy gate (gate.c), the names of a policy file and docs/what-leaves.md come
 * from here. */
#include "proto/wire/pack_internal.h"

/* clang-format off */
#define FIELD_OF(field_kind, row, member, beside, field_name, ...)                                 \
	{.name = (field_name), .kind = FIELD_##field_kind,                                         \
		.size = sizeof((struct row *)NULL)->member, .at = offsetof(struct row, member),    \
		.other = offsetof(struct row, beside), __VA_ARGS__}
/* clang-format on */
#define FIELD_WITH(kind, row, member, other)                                                       \
	FIELD_OF(kind, row, member, other, #member, .leaves = LEAVES_BY_DEFAULT)
#define FIELD(kind, row, member) FIELD_WITH(kind, row, member, member)
/* Confidential technical data of the vendor. */
#define VENDOR_FIELD(kind, row, member)                                                            \
	FIELD_OF(kind, row, member, member, #member, .is_vendor = true)
#define VENDOR_OBJECT(row, member)                                                                 \
	FIELD_OF(OBJECT, row, member, object, "object", .is_vendor = true)
#define OPTIONAL_FIELD(row, member)                                                                \
	FIELD_OF(TEXT, row, member, member, #member, .leaves = LEAVES_BY_OPT_IN)
/* Fields that their own code packs. */
#define NAMED(field_name)                                                                          \
	{                                                                                          \
		.name = (field_name), .kind = FIELD_NONE                                           \
	}
#define HOST_FIELD(field_name)                                                                     \
	{                                                                                          \
		.name = (field_name), .kind = FIELD_NONE, .leaves = LEAVES_NOT_CORPORATE           \
	}
#define NEEDED(field_name)                                                                         \
	{                                                                                          \
		.name = (field_name), .kind = FIELD_NONE, .leaves = LEAVES_ALWAYS                  \
	}

static const struct field identity_fields[] = {
	FIELD(BOOL, identity, is_printer),
	FIELD(TEXT, identity, vendor),
	FIELD(TEXT, identity, model),
	FIELD(TEXT, identity, serial),
	FIELD(TEXT, identity, sys_descr),
	FIELD(OID, identity, sys_object_id),
	FIELD(MAC, identity, mac),
	OPTIONAL_FIELD(identity, name),
	FIELD_OF(UPTIME, identity, uptime_cs, uptime_cs, "uptime", .leaves = LEAVES_BY_DEFAULT),
	NAMED("firmware"), /* IDENTITY_FIRMWARE */
	FIELD(UINT, identity, why),
	FIELD(UINT, identity, confidence),
	FIELD(TEXT, identity, device_id),
	OPTIONAL_FIELD(identity, location),
	FIELD_OF(TEXT, identity, contact, contact, "contact", .leaves = LEAVES_BY_OPT_IN,
		.is_contact = true),
	OPTIONAL_FIELD(identity, asset),
};

static const struct field firmware_fields[] = {
	FIELD(TEXT, firmware, name),
	FIELD(TEXT, firmware, version),
};

static const struct field meter_fields[] = {
	FIELD(UINT, meter, name),
	FIELD(UINT, meter, value),
	FIELD(UINT, meter, unit),
	FIELD(UINT, meter, quality),
	VENDOR_FIELD(TEXT, meter, label),
	VENDOR_OBJECT(meter, source),
	VENDOR_FIELD(TEXT_LONG, meter, parts),
};

static const struct field supply_fields[] = {
	FIELD(UINT, supply, device),
	FIELD(UINT, supply, index),
	FIELD(UINT, supply, type),
	FIELD_OF(UINT, supply, supply_class, supply_class, "class", .leaves = LEAVES_BY_DEFAULT),
	FIELD(UINT, supply, unit),
	FIELD(UINT, supply, level_kind),
	FIELD_WITH(GIVEN_INT, supply, level, has_level),
	FIELD_WITH(GIVEN_INT, supply, max, has_max),
	FIELD(UINT, supply, colorant_index),
	FIELD(TEXT, supply, colorant),
	FIELD(TEXT, supply, description),
	FIELD(TEXT, supply, part),
	FIELD(TEXT, supply, serial),
	FIELD(PROTOCOL, supply, source),
	VENDOR_OBJECT(supply, level_source),
	FIELD(UINT, supply, direction),
};

static const struct field alert_fields[] = {
	FIELD(UINT, alert, device),
	FIELD(UINT, alert, index),
	FIELD(INT, alert, severity),
	FIELD(INT, alert, training),
	FIELD(INT, alert, group),
	FIELD(INT, alert, group_index),
	FIELD(INT, alert, location),
	FIELD(INT, alert, code),
	FIELD_OF(UINT, alert, time_cs, time_cs, "time", .leaves = LEAVES_BY_DEFAULT),
	FIELD(TEXT, alert, description),
};

static const struct field printer_state_fields[] = {
	FIELD(UINT, printer_state, device_status),
	FIELD(UINT, printer_state, printer_status),
	FIELD_WITH(GIVEN_UINT, printer_state, errors, has_errors),
	FIELD(UINT, printer_state, critical_events),
	FIELD(UINT, printer_state, all_events),
	FIELD(TEXT_LONG, printer_state, console),
	FIELD(UINT, printer_state, service_mode),
};

static const struct field option_fields[] = {
	FIELD(UINT, option, kind),
	FIELD(UINT, option, device),
	FIELD(UINT, option, index),
	FIELD(TEXT, option, name),
	FIELD(TEXT, option, value),
};

static const struct field subunit_fields[] = {
	FIELD(UINT, subunit, kind),
	FIELD(UINT, subunit, type),
	FIELD(UINT, subunit, device),
	FIELD(UINT, subunit, index),
	FIELD_WITH(GIVEN_INT, subunit, status, has_status),
	FIELD_WITH(GIVEN_INT, subunit, level, has_level),
	FIELD_WITH(GIVEN_INT, subunit, max, has_max),
	FIELD(UINT, subunit, unit),
	FIELD(TEXT, subunit, name),
	FIELD(TEXT, subunit, description),
	FIELD(TEXT, subunit, media),
};

static const struct field maintenance_fields[] = {
	FIELD(UINT, maintenance, device),
	FIELD(UINT, maintenance, index),
	FIELD(UINT, maintenance, type),
	FIELD(UINT, maintenance, unit),
	FIELD(AMOUNT, maintenance, life),
	FIELD(AMOUNT, maintenance, used),
	FIELD(AMOUNT, maintenance, left),
	FIELD_OF(AMOUNT, maintenance, percent_x100, percent_x100, "percent",
		.leaves = LEAVES_BY_DEFAULT),
	FIELD(TEXT, maintenance, name),
	FIELD(TEXT, maintenance, colorant),
	FIELD(TEXT, maintenance, installed),
	VENDOR_OBJECT(maintenance, source),
};

/* In the media group, beside its rows. */
static const struct field speed_fields[] = {
	NAMED("pages_per_minute"),
	NAMED("pages_per_minute_color"),
};

static const struct field group_fields[] = {
	NEEDED("status"),
	NEEDED("asked"),
	NEEDED("took"),
	NEEDED("sources"),
	NEEDED("before"),
};

static const struct field record_fields[] = {
	NEEDED("seq"),
	NEEDED("read_at"),
	NEEDED("policy"),
	NEEDED("is_full"),
	NAMED("address"),
	NEEDED("device_key"), /* made of what may leave (policy_device_key) */
	NEEDED("age_ms"),
};

static const struct field batch_fields[] = {
	NEEDED("agent_id"),
	NEEDED("epoch"),
	NEEDED("first"),
	NEEDED("last"),
	NEEDED("count"),
	NEEDED("sent_at"),
	NEEDED("body_encoding"),
	NEEDED("body_raw_len"),
	NEEDED("software"),
	NEEDED("polls"),
	NEEDED("public_key"),
	NAMED("site"),
	NAMED("devices"),
	NEEDED("minor"),
	NEEDED("dropped"),
	NEEDED("receipted"),
	NEEDED("ledger"),
	NEEDED("corporate"),
	NAMED("information"),
};

/* Packed by info_members of envelope.c, which has the same order. */
static const struct field site_fields[] = {
	HOST_FIELD("dns_name"),
	NAMED("store_kib"),
	HOST_FIELD("address"),
	NAMED("os"),
	NAMED("cpu"),
	NAMED("discovery_kib"),
	NAMED("disk_mib"),
	NAMED("disk_free_mib"),
	NAMED("os_bits"),
	NAMED("time_zone"),
	NAMED("utc_offset"),
	NAMED("discovered"),
	NAMED("memory_mib"),
	NAMED("memory_free_mib"),
	NAMED("name"),
	NAMED("included"),
	NAMED("excluded"),
	NAMED("rules"),
	NAMED("host_id"),
};

/* Of an agent's coverage (coverage.c). */
static const struct field coverage_fields[] = {
	NEEDED("device"), /* made of the record's device_key */
	NEEDED("complete"), NEEDED("attempt"), NEEDED("reason"),
	NAMED("address"), /* and only if that of records leaves */
};

/* Packed by members of heartbeat.c, which has the same order. */
static const struct field heartbeat_fields[] = {
	NEEDED("agent_id"),
	NEEDED("epoch"),
	NEEDED("number"),
	NEEDED("sent_at"),
	NEEDED("minor"),
	NEEDED("software"),
	NEEDED("interval"),
	NEEDED("receipted"),
	NAMED("pending"),
	NAMED("pending_bytes"),
	NAMED("dropped"),
	NAMED("quarantined"),
	NAMED("last_sync"),
	NAMED("next_sync"),
	NAMED("known"),
	NAMED("complete"),
	NAMED("failed"),
};

#define PART(part_name, fields, first_number, row_size, class)                                     \
	{                                                                                          \
		.name = (part_name), .field = (fields), .first = (first_number),                   \
		.count = sizeof(fields) / sizeof((fields)[0]), .size = (row_size),                 \
		.data_class = DATA_##class                                                         \
	}
#define TYPE(part_name, row, first, class)                                                         \
	PART(part_name, row##_fields, first, sizeof(struct row), class)

const struct row_type row_types[PART_COUNT] = {
	[ROW_IDENTITY] = TYPE("identity", identity, 10, IDENTITY),
	[ROW_FIRMWARE] = TYPE("firmware", firmware, 1, IDENTITY),
	[ROW_METER] = TYPE("meters", meter, 1, METERS),
	[ROW_SUPPLY] = TYPE("supplies", supply, 1, SUPPLIES),
	[ROW_ALERT] = TYPE("alerts", alert, 1, DIAGNOSTICS),
	[ROW_STATE] = TYPE("state", printer_state, 10, DIAGNOSTICS),
	[ROW_OPTION] = TYPE("options", option, 1, DIAGNOSTICS),
	[ROW_SUBUNIT] = TYPE("media", subunit, 1, DIAGNOSTICS),
	[ROW_MAINTENANCE] = TYPE("maintenance", maintenance, 1, SUPPLIES),
	[PART_SPEED] = PART("media", speed_fields, MEDIA_PPM, 0, DIAGNOSTICS),
	[PART_GROUP] = PART("group", group_fields, GROUP_STATUS, 0, IDENTITY),
	[PART_RECORD] = PART("record", record_fields, RECORD_SEQ, 0, IDENTITY),
	[PART_BATCH] = PART("batch", batch_fields, 1, 0, SITE),
	[PART_COVERAGE] = PART("coverage", coverage_fields, 1, 0, IDENTITY),
	[PART_HEARTBEAT] = PART("heartbeat", heartbeat_fields, 1, 0, SITE),
	[PART_SITE] = PART("site", site_fields, 1, 0, HOST),
};

#define TABLE(kind, max, list, count)                                                              \
	{                                                                                          \
		kind, max, offsetof(struct reading, list), offsetof(struct reading, count),        \
			offsetof(struct reading, list##_end)                                       \
	}

const struct group_table group_tables[GROUP_COUNT] = {
	[GROUP_IDENTITY] = {.row = ROW_IDENTITY},
	[GROUP_STATE] = {.row = ROW_STATE},
	[GROUP_METERS] = TABLE(ROW_METER, LIMIT_METERS, meters, meter_count),
	[GROUP_SUPPLIES] = TABLE(ROW_SUPPLY, LIMIT_SUPPLIES, supplies, supply_count),
	[GROUP_ALERTS] = TABLE(ROW_ALERT, LIMIT_ALERTS, alerts, alert_count),
	[GROUP_OPTIONS] = TABLE(ROW_OPTION, LIMIT_OPTIONS, options, option_count),
	[GROUP_MEDIA] = TABLE(ROW_SUBUNIT, LIMIT_SUBUNITS, subunits, subunit_count),
	[GROUP_MAINTENANCE] =
		TABLE(ROW_MAINTENANCE, LIMIT_MAINTENANCE, maintenance, maintenance_count),
};
