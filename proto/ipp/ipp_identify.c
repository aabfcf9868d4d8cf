/* SPDX-License-Identifier: Apache-2.0
 * Identity, counters and state from an IPP response. Vendor and model come from
 * printer-make-and-model and from the IEEE 1284 device id ("MFG:Brother;MDL:MFC-J5320DW;"). */
#include "proto/ipp/ipp_internal.h"

#include "proto/model/model.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- identity --------------------------------------------------------------------------- */

/* The fields of the device id that are used. */
struct device_id {
	struct text vendor, model, serial;
};

static bool begins_with_word(struct text t, struct text word)
{
	if (word.len == 0 || t.len < word.len || strncasecmp(t.p, word.p, word.len) != 0)
		return false;
	return t.len == word.len || !isalnum((unsigned char)t.p[word.len]);
}

/* The length of the vendor's name, or of its name in a 1284 device id, at the beginning of t; 0:
 * none. */
static size_t vendor_prefix(
	const struct models *set, const struct model_vendor *vendor, struct text t)
{
	size_t said = begins_with_word(t, vendor->vendor) ? vendor->vendor.len : 0;
	for (unsigned i = 0; i < vendor->vendor_count; i++) {
		struct text word = set->word[vendor->first_vendor + i];
		if (word.len > said && begins_with_word(t, word))
			said = word.len;
	}
	return said;
}

/* The vendor whose name a text begins with; *said: the length of that name. */
static struct text vendor_in(const struct models *set, struct text t, size_t *said)
{
	struct text found = {NULL, 0};
	*said = 0;
	for (unsigned m = 0; set != NULL && m < set->count; m++) {
		for (unsigned i = 0; i < set->model[m].vendor_count; i++) {
			const struct model_vendor *vendor =
				&set->vendor[set->model[m].first_vendor + i];
			size_t n = vendor_prefix(set, vendor, t);
			if (n > *said) {
				*said = n;
				found = vendor->vendor;
			}
		}
	}
	return found;
}

/* A vendor that a word of the text belongs to: "LaserJet M402n", "ECOSYS P2040dn". */
static struct text vendor_by_words(const struct models *set, struct text said)
{
	struct model_match match;
	struct text none = {NULL, 0};
	if (set == NULL || models_recognise(set, none, said, none, NULL, &match) < 0)
		return none;
	return set->vendor[match.vendor].vendor;
}

/* The vendor that make_and_model begins with; else that of the device id, also if no model file
 * has it; else one with a word of the text. Returns the version beside the model. */
static struct text decode_model(const struct models *set, struct reading *r,
	struct text make_and_model, const struct device_id *id)
{
	size_t said, said_by_id, said_in_model;
	struct model_name name, id_name;
	models_split_name(make_and_model, &name);
	models_split_name(id->model, &id_name);
	struct text model = text_known(name.model);
	struct text vendor = vendor_in(set, model, &said);
	struct text vendor_by_id = vendor_in(set, id->vendor, &said_by_id);
	if (vendor.len == 0)
		vendor = vendor_by_id.len > 0 ? vendor_by_id : id->vendor;
	if (model.len == 0 || model.len == said) {
		model = id_name.model;
		struct text in_model = vendor_in(set, model, &said_in_model);
		said = said_in_model < model.len ? said_in_model : 0;
		vendor = vendor.len > 0 ? vendor : in_model;
	} else if (said == 0 && id->vendor.len > 0 && id->vendor.len < model.len &&
		   strncasecmp(model.p, id->vendor.p, id->vendor.len) == 0 &&
		   model.p[id->vendor.len] == ' ') {
		said = id->vendor.len; /* an unknown vendor, before its model */
	}
	if (vendor.len == 0)
		vendor = vendor_by_words(set, model);
	model = models_without_front(model, said);
	r->identity.vendor = reading_text(r, (const uint8_t *)vendor.p, vendor.len, LIMIT_TEXT);
	r->identity.model = reading_text(r, (const uint8_t *)model.p, model.len, LIMIT_TEXT);
	return name.version;
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	int low = tolower((unsigned char)c);
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* Epson encodes its serial number as hex of its characters, "583458" for X4X. Returns the bytes
 * written; 0 for other texts. */
static size_t unhex_serial(char *dst, size_t cap, struct text hex)
{
	if (hex.len % 2 != 0 || hex.len / 2 > cap || hex.len < 16)
		return 0;
	for (size_t i = 0; i < hex.len; i += 2) {
		int high = hex_digit(hex.p[i]), low = hex_digit(hex.p[i + 1]);
		int c = high < 0 || low < 0 ? 0 : high * 16 + low;
		if (c > 0x7e || !isalnum(c))
			return 0;
		dst[i / 2] = (char)c;
	}
	return hex.len / 2;
}

static void decode_serial(struct reading *r, struct text serial, const struct device_id *id)
{
	char plain[LIMIT_TEXT_SHORT];
	if (serial.len == 0) {
		serial = id->serial;
		size_t n = 0;
		if (text_is(r->identity.vendor, "Epson"))
			n = unhex_serial(plain, sizeof plain, serial);
		if (n > 0)
			serial = (struct text){plain, n};
	}
	r->identity.serial =
		reading_text(r, (const uint8_t *)serial.p, serial.len, LIMIT_TEXT_SHORT);
}

/* A version 1 UUID ends in the hardware address of the machine that made it (RFC 4122 4.1.6),
 * unless the multicast bit is set. */
static void decode_mac(struct reading *r, struct text uuid)
{
	static const char urn[] = "urn:uuid:";
	enum { UUID_LEN = 36, VERSION_AT = 14, NODE_AT = 24, NODE_LEN = 12 };
	char mac[24];
	size_t n = 0;
	if (text_starts_with(uuid, urn))
		uuid = (struct text){uuid.p + sizeof urn - 1, uuid.len - (sizeof urn - 1)};
	if (uuid.len != UUID_LEN || uuid.p[VERSION_AT] != '1')
		return;
	bool is_zero = true;
	for (size_t i = 0; i < NODE_LEN; i++) {
		char c = uuid.p[NODE_AT + i];
		if (hex_digit(c) < 0)
			return;
		is_zero = is_zero && c == '0';
		if (i > 0 && i % 2 == 0)
			mac[n++] = ':';
		mac[n++] = (char)tolower((unsigned char)c);
	}
	if (!is_zero && (hex_digit(uuid.p[NODE_AT + 1]) & 1) == 0)
		r->identity.mac = reading_text(r, (const uint8_t *)mac, n, LIMIT_TEXT_SHORT);
}

static bool add_firmware(
	struct ipp_facts *f, struct reading *r, struct text name, struct text version)
{
	struct firmware *w = reading_add_firmware(r);
	if (w == NULL) {
		ipp_break(f, GROUP_IDENTITY);
		return false;
	}
	w->name = reading_text(r, (const uint8_t *)name.p, name.len, LIMIT_TEXT);
	w->version = reading_text(r, (const uint8_t *)version.p, version.len, LIMIT_TEXT);
	return true;
}

/* The version beside the model counts if the printer returns none. */
static void decode_firmware(struct ipp_facts *f, struct reading *r, struct text beside_model)
{
	/* printer-firmware-version is often binary: used only if there is no text. */
	enum ipp_attribute from = ATTRIBUTE_FIRMWARE_VERSION;
	for (unsigned i = 0; i < f->set[ATTRIBUTE_FIRMWARE_STRING].count; i++) {
		if (ipp_known_text(f, ATTRIBUTE_FIRMWARE_STRING, i).len > 0)
			from = ATTRIBUTE_FIRMWARE_STRING;
	}
	for (unsigned i = 0; i < f->set[from].count; i++) {
		struct text name = ipp_known_text(f, ATTRIBUTE_FIRMWARE_NAME, i);
		struct text version = ipp_known_text(f, from, i);
		if (version.len == 0)
			continue;
		if (!add_firmware(f, r, name, version))
			return;
	}
	if (r->identity.firmware_count == 0 && beside_model.len > 0)
		(void)add_firmware(f, r, text_of("firmware"), beside_model);
}

/* docs/json.md, identity.confidence. */
static uint8_t confidence_of(const struct reading *r, const struct device_id *id)
{
	unsigned sum = 0;
	if (r->identity.vendor.len > 0)
		sum += id->vendor.len > 0 ? 40 : 30;
	if (r->identity.model.len > 0)
		sum += 30;
	if (r->identity.serial.len >= 4)
		sum += 30;
	return (uint8_t)sum;
}

void ipp_decode_identity(struct ipp_facts *f, struct reading *r)
{
	struct text said, id_text;
	struct device_id id;
	int32_t up_s;
	(void)ipp_fact_text(f, ATTRIBUTE_DEVICE_ID, 0, &id_text);
	id_text = text_known(id_text);
	models_parse_device_id(id_text, &id.vendor, &id.model, &id.serial);
	r->identity.device_id =
		reading_text(r, (const uint8_t *)id_text.p, id_text.len, LIMIT_TEXT_LONG);
	struct text beside_model =
		decode_model(f->models, r, ipp_known_text(f, ATTRIBUTE_MAKE_AND_MODEL, 0), &id);
	decode_serial(r, ipp_known_text(f, ATTRIBUTE_SERIAL, 0), &id);
	if (ipp_fact_text(f, ATTRIBUTE_UUID, 0, &said))
		decode_mac(r, said);
	decode_firmware(f, r, beside_model);
	if (ipp_fact_integer(f, ATTRIBUTE_UP_TIME, 0, &up_s) && up_s > 0)
		r->identity.uptime_cs = (uint32_t)up_s * 100u;
	r->identity.confidence = confidence_of(r, &id);
}

void ipp_conclude_vendor(const struct ipp_facts *f, struct reading *r)
{
	enum { CONFIDENCE = 10 };
	for (const struct supply *s = r->supplies; s != NULL && r->identity.vendor.len == 0;
		s = s->next) {
		r->identity.vendor = vendor_by_words(f->models, s->description);
		if (r->identity.vendor.len > 0)
			r->identity.confidence = (uint8_t)(r->identity.confidence + CONFIDENCE);
	}
}

/* ---- meters ----------------------------------------------------------------------------- */

enum { UNIT_UNKNOWN = 0, UNIT_IMPRESSIONS = 7, UNIT_SHEETS = 8 };

static struct meter *add_meter(struct ipp_facts *f, struct reading *r, enum meter_name name,
	uint8_t unit, uint64_t value, const char *source)
{
	struct meter *m = reading_add_meter(r);
	if (m == NULL) {
		ipp_break(f, GROUP_METERS);
		return NULL;
	}
	m->index = r->meter_count;
	m->name = (uint8_t)name;
	m->unit = unit;
	m->value = value;
	m->source = reading_text(r, (const uint8_t *)source, strlen(source), LIMIT_TEXT);
	/* A counter without a standard name gets the attribute's name. */
	if (name == METER_VENDOR)
		m->label = reading_text(r, (const uint8_t *)strchr(source, ':') + 1,
			strlen(strchr(source, ':') + 1), LIMIT_TEXT_SHORT);
	return m;
}

static void decode_total(struct ipp_facts *f, struct reading *r, enum ipp_attribute w,
	enum meter_name name, uint8_t unit)
{
	char source[LIMIT_TEXT_SHORT];
	int32_t v;
	if (f->set[w].count == 0)
		return;
	if (!ipp_fact_integer(f, w, 0, &v) || v < 0) {
		ipp_break(f, GROUP_METERS);
		return;
	}
	(void)snprintf(source, sizeof source, "ipp:%s", ipp_attribute_name(w));
	(void)add_meter(f, r, name, unit, (uint64_t)v, source);
}

/* The sum of the kinds in `mask` as one meter. The members should be disjoint (one-sided,
 * two-sided). If their sum exceeds the total, the two-sided ones are counted within the others; if
 * it still does, the counter is dropped. */
static void decode_share(
	struct ipp_facts *f, struct reading *r, unsigned mask, enum meter_name name)
{
	enum { ONE_SIDED = 0x55 };
	char source[LIMIT_TEXT];
	int32_t total = INT32_MAX;
	uint64_t all = 0, one_sided = 0, value = 0;
	mask &= f->has_kind[0];
	if (mask == 0)
		return;
	for (unsigned k = 0; k < KIND_COUNT; k++) {
		all += (uint64_t)f->kind[0][k];
		one_sided += (ONE_SIDED >> k & 1) != 0 ? (uint64_t)f->kind[0][k] : 0;
	}
	bool has_total = ipp_fact_integer(f, ATTRIBUTE_IMPRESSIONS, 0, &total) && total >= 0;
	bool is_within = has_total && all > (uint64_t)total && (mask & ONE_SIDED) != 0;
	if (is_within)
		mask &= ONE_SIDED;
	int n = snprintf(
		source, sizeof source, "ipp:%s", ipp_attribute_name(ATTRIBUTE_IMPRESSIONS_COL));
	char between = '.';
	for (unsigned k = 0; k < KIND_COUNT; k++) {
		if ((mask >> k & 1) == 0)
			continue;
		value += (uint64_t)f->kind[0][k];
		n += snprintf(source + n, sizeof source - (size_t)n, "%c%s", between,
			ipp_kind_name((enum ipp_kind)k));
		between = '+';
	}
	struct meter *m = add_meter(f, r, name, UNIT_IMPRESSIONS, value, source);
	if (m != NULL && has_total && (is_within ? one_sided : all) > (uint64_t)total)
		m->quality = QUALITY_SUSPECT;
}

/* The members of sheets and pages have no standard meter. */
static void decode_kinds(struct ipp_facts *f, struct reading *r, enum ipp_attribute w, uint8_t unit)
{
	char source[LIMIT_TEXT];
	unsigned col = (unsigned)w - ATTRIBUTE_IMPRESSIONS_COL;
	for (unsigned k = 0; k < KIND_COUNT; k++) {
		if ((f->has_kind[col] >> k & 1) == 0)
			continue;
		(void)snprintf(source, sizeof source, "ipp:%s.%s", ipp_attribute_name(w),
			ipp_kind_name((enum ipp_kind)k));
		(void)add_meter(f, r, METER_VENDOR, unit, (uint64_t)f->kind[col][k], source);
	}
}

void ipp_decode_meters(struct ipp_facts *f, struct reading *r)
{
	const unsigned color = 1u << KIND_COLOR | 1u << KIND_COLOR_TWO_SIDED |
			       1u << KIND_HIGHLIGHT | 1u << KIND_HIGHLIGHT_TWO_SIDED;
	const unsigned mono = 1u << KIND_MONO | 1u << KIND_MONO_TWO_SIDED;
	decode_total(f, r, ATTRIBUTE_IMPRESSIONS, METER_IMPRESSIONS_TOTAL, UNIT_IMPRESSIONS);
	decode_share(f, r, color, METER_IMPRESSIONS_COLOR);
	decode_share(f, r, mono, METER_IMPRESSIONS_MONO);
	decode_total(f, r, ATTRIBUTE_SHEETS, METER_SHEETS_TOTAL, UNIT_SHEETS);
	decode_total(f, r, ATTRIBUTE_PAGES, METER_VENDOR, UNIT_UNKNOWN);
	decode_kinds(f, r, ATTRIBUTE_SHEETS_COL, UNIT_SHEETS);
	decode_kinds(f, r, ATTRIBUTE_PAGES_COL, UNIT_UNKNOWN);
}

/* ---- state ------------------------------------------------------------------------------ */

/* printer-state of RFC 8011 as hrPrinterStatus, which has no "stopped". */
static uint8_t status_of_state(int32_t state)
{
	enum { STATE_IDLE = 3, STATE_PROCESSING, STATE_STOPPED };
	enum { STATUS_ABSENT = 0, STATUS_OTHER = 1, STATUS_IDLE = 3, STATUS_PRINTING };
	switch (state) {
	case STATE_IDLE:
		return STATUS_IDLE;
	case STATE_PROCESSING:
		return STATUS_PRINTING;
	case STATE_STOPPED:
		return STATUS_OTHER;
	default:
		return STATUS_ABSENT;
	}
}

void ipp_decode_state(struct ipp_facts *f, struct reading *r)
{
	int32_t state;
	struct text reason;
	if (ipp_fact_integer(f, ATTRIBUTE_STATE, 0, &state))
		r->state.printer_status = status_of_state(state);
	if (f->set[ATTRIBUTE_STATE].count > 0 && r->state.printer_status == 0)
		ipp_break(f, GROUP_STATE);
	for (unsigned i = 0; i < f->set[ATTRIBUTE_STATE_REASONS].count; i++) {
		if (!ipp_fact_text(f, ATTRIBUTE_STATE_REASONS, i, &reason)) {
			ipp_break(f, GROUP_STATE);
			continue;
		}
		r->state.has_errors = true;
		r->state.errors |= ipp_reason_errors(reason);
	}
}
