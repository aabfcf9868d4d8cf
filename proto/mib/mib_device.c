/* SPDX-License-Identifier: Apache-2.0
 * hrDeviceTable and hrPrinterTable: the row that is the printer, its state and its model. Every row
 * is kept until the end, as columns may arrive in any order. */
#include "proto/mib/mib_internal.h"

#include <stdio.h>
#include <string.h>

/* Contents bytes of 1.3.6.1.2.1.25.3.1.5 (hrDevicePrinter). */
static const char hr_device_printer[] = "\x2b\x06\x01\x02\x01\x19\x03\x01\x05";

struct mib_device *mib_device_row(struct mib_plan *plan, uint32_t index)
{
	struct mib_device *spare = NULL;
	for (unsigned i = 0; i < plan->device_count; i++) {
		if (plan->device[i].index == index)
			return &plan->device[i];
		if (plan->device[i].role == ROLE_NONE)
			spare = &plan->device[i];
	}
	/* A host may list a hundred processors before its printer: rows without a role are
	 * replaced. */
	if (plan->device_count < LIMIT_DEVICE_ROWS)
		spare = &plan->device[plan->device_count++];
	if (spare != NULL)
		*spare = (struct mib_device){.index = index, .role = ROLE_UNKNOWN};
	return spare;
}

/* Vendor types are looked up in every family, as the type alone identifies the vendor. */
static enum model_role role_of(const struct mib_plan *plan, const struct varbind *vb)
{
	struct oid_ber type;
	struct oid_ber printer = {(const uint8_t *)hr_device_printer, sizeof hr_device_printer - 1};
	if (varbind_oid(vb, &type) < 0)
		return ROLE_UNKNOWN;
	if (oid_ber_is_equal(type, printer))
		return ROLE_PRINTER;
	for (unsigned m = 0; plan->models != NULL && m < plan->models->count; m++) {
		const struct model *model = &plan->models->model[m];
		for (unsigned i = 0; i < model->device_type_count; i++) {
			const struct model_device_type *t =
				&plan->models->device_type[model->first_device_type + i];
			if (oid_ber_is_equal(type, t->type))
				return (enum model_role)t->role;
		}
	}
	return ROLE_NONE;
}

enum model_role mib_device_role(const struct mib_plan *plan, uint32_t index)
{
	for (unsigned i = 0; i < plan->device_count; i++) {
		if (plan->device[i].index == index)
			return (enum model_role)plan->device[i].role;
	}
	return ROLE_UNKNOWN;
}

static void store_type(struct mib_plan *plan, struct mib_device *row, const struct varbind *vb)
{
	row->role = (uint8_t)role_of(plan, vb);
	bool is_first = plan->printer_device == 0 || row->index < plan->printer_device;
	if (row->role == ROLE_PRINTER && is_first)
		plan->printer_device = row->index;
}

static void store_errors(struct mib_device *row, const struct varbind *vb)
{
	if (vb->type != BER_OCTETS || vb->len > 8)
		return;
	uint16_t first = vb->len > 0 ? vb->value[0] : 0;
	uint16_t second = vb->len > 1 ? vb->value[1] : 0;
	row->errors = (uint16_t)(first << 8 | second);
	row->has_errors = true;
}

static void store_mac(struct reading *r, const struct varbind *vb)
{
	static const uint8_t none[6];
	/* A multicast address (as ff:ff:ff:ff:ff:ff) is not the card's own: unconfigured cards
	 * report it. */
	if (r->identity.mac.len > 0 || vb->type != BER_OCTETS || vb->len != 6 ||
		memcmp(vb->value, none, 6) == 0 || (vb->value[0] & 1) != 0)
		return;
	char text[24];
	const uint8_t *p = vb->value;
	int n = snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3],
		p[4], p[5]);
	r->identity.mac = reading_text(r, (const uint8_t *)text, (size_t)n, LIMIT_TEXT_SHORT);
}

/* The printer's own row replaces the values of row 1, which was requested before. */
static void store_general(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	uint32_t device, const struct varbind *vb)
{
	bool is_own = plan->printer_device == device;
	uint64_t v;
	if (column == COLUMN_GENERAL_SERIAL && (is_own || r->identity.serial.len == 0)) {
		struct text serial = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		plan->has_serial = plan->has_serial || serial.len > 0;
		if (serial.len > 0)
			r->identity.serial = serial;
	} else if (column != COLUMN_GENERAL_SERIAL && varbind_unsigned(vb, &v) == 0) {
		uint32_t *events = column == COLUMN_GENERAL_CRITICAL ? &r->state.critical_events
								     : &r->state.all_events;
		if (is_own || *events == 0)
			*events = (uint32_t)v;
	}
}

/* CodedCharSet: an IANA MIBenum. */
static uint16_t charset_of(const struct varbind *vb)
{
	int32_t v;
	return mib_int32(vb, &v) && v > 0 && v <= UINT16_MAX ? (uint16_t)v : 0;
}

void mib_store_device(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	uint32_t device, const struct varbind *vb)
{
	if (mib_columns[column].table == TABLE_IF) {
		store_mac(r, vb);
		return;
	}
	if (mib_columns[column].table == TABLE_GENERAL) {
		store_general(plan, r, column, device, vb);
		return;
	}
	if (column == COLUMN_CHARSET) {
		plan->charset = charset_of(vb);
		return;
	}
	if (column == COLUMN_PORT_DEVICE_ID) {
		/* The first port's; further ports are queues of the same printer. */
		if (r->identity.device_id.len == 0)
			r->identity.device_id = mib_known_octets(plan, r, vb, LIMIT_TEXT_LONG);
		return;
	}
	struct mib_device *row = mib_device_row(plan, device);
	if (row == NULL)
		return; /* full of rows with a role: the printer is among them */
	if (column == COLUMN_DEVICE_TYPE) {
		store_type(plan, row, vb);
	} else if (column == COLUMN_DEVICE_STATUS) {
		row->status = mib_small_enum(vb);
	} else if (column == COLUMN_PRINTER_STATUS) {
		row->printer_status = mib_small_enum(vb);
	} else if (column == COLUMN_PRINTER_ERRORS) {
		store_errors(row, vb);
	} else if (row->role == ROLE_PRINTER || row->role == ROLE_UNKNOWN) {
		struct text descr = mib_raw_octets(r, vb);
		row->descr = descr.p;
		row->descr_len = (uint8_t)descr.len;
	}
}

static bool has_printer_row(const struct mib_device *d)
{
	return d->printer_status != 0 || d->has_errors;
}

/* The row of hrPrinterTable with the lowest index. */
static const struct mib_device *first_printer_row(const struct mib_plan *plan)
{
	const struct mib_device *first = NULL;
	for (unsigned i = 0; i < plan->device_count; i++) {
		const struct mib_device *d = &plan->device[i];
		if (has_printer_row(d) && (first == NULL || d->index < first->index))
			first = d;
	}
	return first;
}

/* The row of type hrDevicePrinter; else the first one in hrPrinterTable; else the one that the
 * supplies refer to; else row 1. */
static const struct mib_device *find_printer(const struct mib_plan *plan, const struct reading *r)
{
	uint32_t index = plan->printer_device;
	if (index == 0 && first_printer_row(plan) != NULL)
		return first_printer_row(plan);
	if (index == 0)
		index = r->supplies != NULL && r->supplies->device != 0 ? r->supplies->device : 1;
	for (unsigned i = 0; i < plan->device_count; i++) {
		if (plan->device[i].index == index)
			return &plan->device[i];
	}
	return NULL;
}

struct text mib_device_descr(const struct mib_plan *plan, const struct reading *r)
{
	const struct mib_device *d = find_printer(plan, r);
	if (d != NULL && d->role == ROLE_PRINTER && d->descr_len > 0)
		return (struct text){d->descr, d->descr_len};
	return r->identity.model;
}

void mib_conclude_device(struct mib_plan *plan, struct reading *r)
{
	const struct mib_device *d = find_printer(plan, r);
	if (d == NULL)
		return;
	enum { DEVICE_TESTING = 4, SERVICE_NO = 1, SERVICE_YES = 2 };
	r->state.device_status = d->status;
	/* RFC 2790: a device in state testing is not available for use; the MIB has no other state
	 * for service mode. */
	if (d->status != 0)
		r->state.service_mode = d->status == DEVICE_TESTING ? SERVICE_YES : SERVICE_NO;
	/* Some agents number hrPrinterTable independently of hrDeviceTable. */
	if (!has_printer_row(d) && first_printer_row(plan) != NULL)
		d = first_printer_row(plan);
	r->state.printer_status = d->printer_status;
	r->state.errors = d->errors;
	r->state.has_errors = d->has_errors;
}
