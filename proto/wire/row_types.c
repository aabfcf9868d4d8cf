/* SPDX-License-Identifier: Apache-2.0
 * The rows of proto/wire/SCHEMA.md and their members: a field's number is its place in its table,
 * so a new field goes to the end and a number is never used twice. */
#include "proto/wire/pack_internal.h"

#define FIELD_WITH(kind, row, member, other)                                                       \
	{                                                                                          \
		FIELD_##kind, sizeof((struct row *)NULL)->member, offsetof(struct row, member),    \
			offsetof(struct row, other)                                                \
	}
#define FIELD(kind, row, member) FIELD_WITH(kind, row, member, member)

static const struct field identity_fields[] = {
	FIELD(BOOL, identity, is_printer),
	FIELD(TEXT, identity, vendor),
	FIELD(TEXT, identity, model),
	FIELD(TEXT, identity, serial),
	FIELD(TEXT, identity, sys_descr),
	FIELD(OID, identity, sys_object_id),
	FIELD(MAC, identity, mac),
	FIELD(TEXT, identity, name),
	FIELD(UPTIME, identity, uptime_cs),
	FIELD(NONE, identity, firmware), /* IDENTITY_FIRMWARE */
	FIELD(UINT, identity, why),
	FIELD(UINT, identity, confidence),
	FIELD(TEXT, identity, device_id),
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
	FIELD(TEXT, meter, label),
	FIELD_WITH(OBJECT, meter, source, object),
	FIELD(TEXT_LONG, meter, parts),
};

static const struct field supply_fields[] = {
	FIELD(UINT, supply, device),
	FIELD(UINT, supply, index),
	FIELD(UINT, supply, type),
	FIELD(UINT, supply, supply_class),
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
	FIELD_WITH(OBJECT, supply, level_source, object),
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
	FIELD(UINT, alert, time_cs),
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
	FIELD(AMOUNT, maintenance, percent_x100),
	FIELD(TEXT, maintenance, name),
	FIELD(TEXT, maintenance, colorant),
	FIELD(TEXT, maintenance, installed),
	FIELD_WITH(OBJECT, maintenance, source, object),
};

#define TYPE(row, first)                                                                           \
	{                                                                                          \
		row##_fields, first, sizeof row##_fields / sizeof row##_fields[0],                 \
			sizeof(struct row)                                                         \
	}

const struct row_type row_types[ROW_KIND_COUNT] = {
	[ROW_IDENTITY] = TYPE(identity, 10),
	[ROW_FIRMWARE] = TYPE(firmware, 1),
	[ROW_METER] = TYPE(meter, 1),
	[ROW_SUPPLY] = TYPE(supply, 1),
	[ROW_ALERT] = TYPE(alert, 1),
	[ROW_STATE] = TYPE(printer_state, 10),
	[ROW_OPTION] = TYPE(option, 1),
	[ROW_SUBUNIT] = TYPE(subunit, 1),
	[ROW_MAINTENANCE] = TYPE(maintenance, 1),
};

#define TABLE(kind, max, list, count)                                                              \
	{                                                                                          \
		kind, max, offsetof(struct reading, list), offsetof(struct reading, count)         \
	}

const struct group_table group_tables[GROUP_COUNT] = {
	[GROUP_METERS] = TABLE(ROW_METER, LIMIT_METERS, meters, meter_count),
	[GROUP_SUPPLIES] = TABLE(ROW_SUPPLY, LIMIT_SUPPLIES, supplies, supply_count),
	[GROUP_ALERTS] = TABLE(ROW_ALERT, LIMIT_ALERTS, alerts, alert_count),
	[GROUP_OPTIONS] = TABLE(ROW_OPTION, LIMIT_OPTIONS, options, option_count),
	[GROUP_MEDIA] = TABLE(ROW_SUBUNIT, LIMIT_SUBUNITS, subunits, subunit_count),
	[GROUP_MAINTENANCE] =
		TABLE(ROW_MAINTENANCE, LIMIT_MAINTENANCE, maintenance, maintenance_count),
};
