/* SPDX-License-Identifier: Apache-2.0
 * Installed options: interpreters and channels (RFC 3805), memory and storage (RFC 2790), finishers
 * (RFC 3806), and installed software (RFC 2790). */
#include "proto/mib/mib_internal.h"

#include <stdio.h>
#include <string.h>

MIB_DEFINE_ROW_OF_KIND(option, options, last_option)

/* ---- storage ---------------------------------------------------------------------------- */

struct mib_storage {
	struct mib_storage *next;
	uint32_t index;
	uint32_t unit_bytes;
	uint32_t units;
	uint8_t kind; /* enum option_kind; OPTION_KIND_COUNT: not hardware */
	struct text name;
};

/* hrStorageTypes: 2 RAM, 4 fixed disk, 8 RAM disk, 9 flash. Other types are parts of these, or
 * virtual. */
static enum option_kind storage_kind(const struct varbind *vb)
{
	static const uint8_t types[] = {0x2b, 6, 1, 2, 1, 0x19, 2, 1};
	struct oid_ber type;
	struct oid_ber prefix = {types, sizeof types};
	if (varbind_oid(vb, &type) < 0 || !oid_ber_has_prefix(type, prefix) ||
		type.len != sizeof types + 1)
		return OPTION_KIND_COUNT;
	uint8_t n = type.p[sizeof types];
	return n == 2                       ? OPTION_MEMORY
	       : n == 4 || n == 8 || n == 9 ? OPTION_STORAGE
					    : OPTION_KIND_COUNT;
}

static struct mib_storage *storage_row(struct mib_plan *plan, struct reading *r, uint32_t index)
{
	struct mib_storage *s = plan->storage;
	while (s != NULL && s->index != index)
		s = s->next;
	if (s != NULL)
		return s;
	s = arena_take(&r->arena, sizeof *s);
	if (s == NULL)
		return NULL;
	s->index = index;
	s->kind = OPTION_KIND_COUNT;
	s->next = plan->storage;
	plan->storage = s;
	return s;
}

static bool store_storage(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	uint32_t index, const struct varbind *vb)
{
	struct mib_storage *s = storage_row(plan, r, index);
	uint64_t v = 0;
	if (s == NULL)
		return false;
	if (column == COLUMN_STORAGE_TYPE)
		s->kind = (uint8_t)storage_kind(vb);
	else if (column == COLUMN_STORAGE_DESCR)
		s->name = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
	else if (varbind_unsigned(vb, &v) == 0 && v <= UINT32_MAX)
		*(column == COLUMN_STORAGE_UNIT ? &s->unit_bytes : &s->units) = (uint32_t)v;
	return true;
}

/* 2097152 -> "2 GiB"; a size that is no whole number keeps one decimal. */
static struct text size_text(struct reading *r, uint64_t kib)
{
	static const char *const names[] = {"KiB", "MiB", "GiB", "TiB"};
	double v = (double)kib;
	size_t unit = 0;
	char text[32];
	while (v >= 1024 && unit + 1 < sizeof names / sizeof names[0]) {
		v /= 1024;
		unit++;
	}
	int n = snprintf(text, sizeof text, v == (double)(uint64_t)v ? "%.0f %s" : "%.1f %s", v,
		names[unit]);
	return reading_text(r, (const uint8_t *)text, (size_t)n, LIMIT_TEXT_SHORT);
}

static bool add_size(struct mib_plan *plan, struct reading *r, enum option_kind kind,
	uint32_t index, struct text name, uint64_t kib)
{
	struct option *o = option_row(plan, r, kind, 0, index);
	if (o == NULL)
		return false;
	o->name = name;
	o->value = size_text(r, kib);
	return o->value.len > 0;
}

/* hrMemorySize is the memory; a RAM row of hrStorageTable repeats it. */
void mib_conclude_options(struct mib_plan *plan, struct reading *r)
{
	bool fits = true;
	if (plan->memory_kib > 0)
		fits = add_size(plan, r, OPTION_MEMORY, 0, text_of("Memory"), plan->memory_kib);
	for (const struct mib_storage *s = plan->storage; s != NULL && fits; s = s->next) {
		uint64_t kib = (uint64_t)s->unit_bytes * s->units / 1024;
		if (s->kind == OPTION_KIND_COUNT || kib == 0 ||
			(s->kind == OPTION_MEMORY && plan->memory_kib > 0))
			continue;
		fits = add_size(plan, r, (enum option_kind)s->kind, s->index, s->name, kib);
	}
	if (!fits)
		plan->groups_broken |= 1u << GROUP_OPTIONS;
}

/* ---- the rest --------------------------------------------------------------------------- */

/* PrtChannelTypeTC (IANA-PRINTER-MIB), the types that current printers have. */
static const char *channel_name(unsigned type)
{
	static const char *const names[] = {[3] = "Serial port",
		[4] = "Parallel port",
		[5] = "IEEE 1284 port",
		[7] = "AppleTalk PAP",
		[8] = "LPD",
		[9] = "NetWare RPrinter",
		[10] = "NetWare PServer",
		[11] = "Port 9100",
		[12] = "AppSocket",
		[13] = "FTP",
		[14] = "TFTP",
		[15] = "DLC/LLC",
		[16] = "IBM 3270",
		[17] = "IBM 5250",
		[18] = "Fax",
		[27] = "SMB",
		[34] = "USB",
		[37] = "TCP port",
		[38] = "Bidirectional TCP port",
		[42] = "HTTP",
		[43] = "NDPS",
		[44] = "IPP",
		[45] = "SMTP"};
	const char *name = type < sizeof names / sizeof names[0] ? names[type] : NULL;
	return name != NULL ? name : type == 0 ? "" : "Other channel";
}

/* FinDeviceTypeTC */
static const char *finisher_name(unsigned type)
{
	static const char *const names[] = {NULL, NULL, "Unknown finisher", "Stitcher", "Folder",
		"Binder", "Trimmer", "Die cutter", "Puncher", "Perforater", "Slitter",
		"Separation cutter", "Imprinter", "Wrapper", "Bander", "Envelope vendor", "Stacker",
		"Sheet rotator", "Inserter"};
	const char *name = type < sizeof names / sizeof names[0] ? names[type] : NULL;
	return name != NULL ? name : "Finisher";
}

/* A name of the row's own is preferred to the name of its type. */
static void name_by_type(struct option *o, const char *name)
{
	if (o->name.len == 0)
		o->name = text_of(name);
}

static bool store_software(struct mib_plan *plan, struct reading *r, const struct varbind *vb)
{
	struct text name, version;
	struct text said = mib_known_octets(plan, r, vb, LIMIT_TEXT);
	/* "Xerox Network Controller software; NC 075.041": a line without a version is a part
	 * without one, or an unrelated program. */
	if (!mib_split_version(said, &name, &version) || name.len == 0)
		return true;
	struct text behind = text_trimmed(mib_text_after(name, ';'));
	return mib_add_firmware(plan, r, behind.len > 0 ? behind : name, version);
}

bool mib_store_option(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	if (n == 0)
		return true;
	if (column == COLUMN_SOFTWARE_NAME)
		return store_software(plan, r, vb);
	if (mib_columns[column].table == TABLE_STORAGE)
		return store_storage(plan, r, column, sub[0], vb);
	enum option_kind kind = mib_columns[column].table == TABLE_CHANNEL    ? OPTION_CHANNEL
				: mib_columns[column].table == TABLE_FINISHER ? OPTION_FINISHER
									      : OPTION_INTERPRETER;
	if (n != 2)
		return false;
	struct option *o = option_row(plan, r, kind, sub[0], sub[1]);
	if (o == NULL)
		return false;
	struct text said;
	switch (column) {
	case COLUMN_CHANNEL_TYPE:
		name_by_type(o, channel_name(mib_small_enum(vb)));
		break;
	case COLUMN_FINISHER_TYPE:
		name_by_type(o, finisher_name(mib_small_enum(vb)));
		break;
	case COLUMN_CHANNEL_VERSION:
	case COLUMN_INTERPRETER_VERSION:
		o->value = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		break;
	default:
		said = mib_known_octets(plan, r, vb, LIMIT_TEXT);
		if (said.len > 0)
			o->name = said;
		break;
	}
	return true;
}
