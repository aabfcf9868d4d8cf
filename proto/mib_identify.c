/* SPDX-License-Identifier: Apache-2.0
 * Conclusions from what was read: the maker, the model without the maker's name, firmware out of
 * sysDescr, part and serial numbers out of supply descriptions, colorants, levels. */
#include "proto/mib.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct vendor_row {
	const char *name;
	const char *word; /* begins or stands in sysDescr or hrDeviceDescr, lower case */
	uint32_t enterprise;
};

static const struct vendor_row vendors[VENDOR_COUNT] = {
	[VENDOR_UNKNOWN] = {"", NULL, 0},
	[VENDOR_XEROX] = {"Xerox", "xerox", 253},
	[VENDOR_HP] = {"HP", "hp ", 11},
	[VENDOR_LEXMARK] = {"Lexmark", "lexmark", 641},
	[VENDOR_BROTHER] = {"Brother", "brother", 2435},
	[VENDOR_KYOCERA] = {"Kyocera", "kyocera", 1347},
	[VENDOR_CANON] = {"Canon", "canon", 1602},
	[VENDOR_RICOH] = {"Ricoh", "ricoh", 367},
	[VENDOR_KONICA_MINOLTA] = {"Konica Minolta", "konica minolta", 18334},
	[VENDOR_EPSON] = {"Epson", "epson", 1248},
	[VENDOR_SAMSUNG] = {"Samsung", "samsung", 236},
	[VENDOR_OKI] = {"OKI", "oki ", 2001},
	[VENDOR_SHARP] = {"Sharp", "sharp", 2385},
	[VENDOR_TOSHIBA] = {"Toshiba", "toshiba", 1129},
	[VENDOR_FUJIFILM] = {"FUJIFILM", "fujifilm", 297},
	[VENDOR_DELL] = {"Dell", "dell ", 674},
};

const char *mib_vendor_name(enum mib_vendor v)
{
	return v < VENDOR_COUNT ? vendors[v].name : "";
}

static bool starts_with(struct text t, const char *word)
{
	size_t n = strlen(word);
	return t.len >= n && strncasecmp(t.p, word, n) == 0;
}

/* Whether a word of t begins so. */
static bool contains(struct text t, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= t.len; i++) {
		if ((t.p[i] | 0x20) == word[0] && strncasecmp(t.p + i, word, n) == 0 &&
			(i == 0 || !isalnum((unsigned char)t.p[i - 1])))
			return true;
	}
	return false;
}

enum mib_vendor mib_recognise(const struct reading *r, uint32_t enterprise)
{
	const struct text texts[] = {r->identity.model, r->identity.sys_descr};
	for (size_t t = 0; t < 2; t++) {
		for (int v = VENDOR_UNKNOWN + 1; v < VENDOR_COUNT; v++) {
			/* Short names stand in other makers' texts too ("for HP LaserJet"). */
			bool is_short = strlen(vendors[v].word) <= 4;
			if (is_short ? starts_with(texts[t], vendors[v].word)
				     : contains(texts[t], vendors[v].word))
				return (enum mib_vendor)v;
		}
	}
	for (int v = VENDOR_UNKNOWN + 1; enterprise != 0 && v < VENDOR_COUNT; v++) {
		if (enterprise == vendors[v].enterprise)
			return (enum mib_vendor)v;
	}
	return VENDOR_UNKNOWN;
}

static struct text trimmed(struct text t)
{
	while (t.len > 0 && isspace((unsigned char)t.p[0])) {
		t.p++;
		t.len--;
	}
	while (t.len > 0 && isspace((unsigned char)t.p[t.len - 1]))
		t.len--;
	return t;
}

static struct text up_to(struct text t, char end)
{
	const char *at = t.len > 0 ? memchr(t.p, end, t.len) : NULL;
	if (at != NULL)
		t.len = (size_t)(at - t.p);
	return t;
}

static struct text after(struct text t, char end)
{
	const char *at = t.len > 0 ? memchr(t.p, end, t.len) : NULL;
	if (at == NULL)
		return (struct text){NULL, 0};
	size_t gone = (size_t)(at - t.p) + 1;
	return (struct text){t.p + gone, t.len - gone};
}

/* Views into longer texts of the same arena have no NUL behind them, so they are copied. */
static struct text own(struct reading *r, struct text t)
{
	return reading_text(r, (const uint8_t *)t.p, t.len, LIMIT_TEXT);
}

/* Where `mark` begins in t, or t.len. */
static size_t place_of(struct text t, const char *mark)
{
	size_t n = strlen(mark);
	for (size_t i = 0; i + n <= t.len; i++) {
		if (memcmp(t.p + i, mark, n) == 0)
			return i;
	}
	return t.len;
}

/* "XC4240 7529901141RTW CXTZJ.074.258": from the serial number on it is no model any more. Some
 * give only its beginning. */
static struct text without_serial(struct text model, struct text serial)
{
	enum { SERIAL_LEAST = 6 };
	for (size_t i = 1; i < model.len; i++) {
		struct text word = up_to((struct text){model.p + i, model.len - i}, ' ');
		if (model.p[i - 1] == ' ' && word.len >= SERIAL_LEAST && word.len <= serial.len &&
			memcmp(word.p, serial.p, word.len) == 0)
			return trimmed((struct text){model.p, i});
	}
	return model;
}

/* What sysDescr says of software and network behind the model. */
static struct text without_software(struct text descr)
{
	static const char *const marks[] = {" / ", " version "};
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		descr.len = place_of(descr, marks[i]);
	return descr;
}

static void conclude_model(struct mib_walk *w, struct reading *r)
{
	bool is_said = r->identity.model.len > 0;
	struct text model = is_said ? r->identity.model : without_software(r->identity.sys_descr);
	model = without_serial(trimmed(up_to(model, ';')), r->identity.serial);
	w->vendor = (uint8_t)mib_recognise(r, w->enterprise);
	const char *maker = mib_vendor_name((enum mib_vendor)w->vendor);
	size_t n = strlen(maker);
	if (n > 0 && starts_with(model, maker) && model.len > n &&
		!isalnum((unsigned char)model.p[n])) {
		model.p += n;
		model.len -= n;
		if (starts_with(model, "(R)")) {
			model.p += 3;
			model.len -= 3;
		}
		model = trimmed(model);
	}
	if (model.len > 0)
		r->identity.model = own(r, model);
	r->identity.vendor = text_of(maker);
}

static bool has_digit(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (isdigit((unsigned char)t.p[i]))
			return true;
	}
	return false;
}

/* Xerox: "Xerox AltaLink C8135; SS 103.023.1, NC 103.0, UI 2.1": modules behind the semicolon, each
 * a name, a blank and a version (older ones leave the blank out). */
static void conclude_firmware(struct mib_walk *w, struct reading *r)
{
	if (w->vendor != VENDOR_XEROX)
		return;
	struct text rest = after(r->identity.sys_descr, ';');
	while (rest.len > 0) {
		struct text part = trimmed(up_to(rest, ','));
		rest = after(rest, ',');
		size_t cut = part.len;
		while (cut > 0 && part.p[cut - 1] != ' ')
			cut--;
		if (cut == 0) {
			while (cut < part.len && !isdigit((unsigned char)part.p[cut]))
				cut++;
		}
		struct text version = {part.p + cut, part.len - cut};
		if (cut == 0 || !has_digit(version)) /* "FI ------": not fitted */
			continue;
		struct firmware *f = reading_add_firmware(r);
		if (f == NULL) {
			w->groups_broken |= 1u << GROUP_IDENTITY;
			return;
		}
		f->name = own(r, trimmed((struct text){part.p, cut}));
		f->version = own(r, trimmed(version));
	}
}

static struct text lower(struct reading *r, struct text t)
{
	char low[LIMIT_TEXT_SHORT];
	size_t n = t.len < sizeof low ? t.len : sizeof low;
	for (size_t i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)t.p[i]);
	return reading_text(r, (const uint8_t *)low, n, LIMIT_TEXT_SHORT);
}

/* The word that follows `mark` in t: what a description says behind "PN " or "SN". */
static struct text word_behind(struct text t, const char *mark)
{
	size_t n = strlen(mark);
	for (size_t i = 0; i + n < t.len; i++) {
		bool is_start = i == 0 || !isalnum((unsigned char)t.p[i - 1]);
		if (!is_start || strncasecmp(t.p + i, mark, n) != 0)
			continue;
		struct text rest = trimmed((struct text){t.p + i + n, t.len - i - n});
		while (rest.len > 0 && (rest.p[0] == '#' || rest.p[0] == ':'))
			rest = trimmed((struct text){rest.p + 1, rest.len - 1});
		size_t len = 0;
		while (len < rest.len && rest.p[len] != ';' && rest.p[len] != ',' &&
			rest.p[len] != ' ')
			len++;
		/* A number has a digit: "unknown" has none, nor has the rest of "Snap-in". */
		if (len >= 3 && has_digit((struct text){rest.p, len}))
			return (struct text){rest.p, len};
	}
	return (struct text){NULL, 0};
}

/* Supplies under hrDeviceIndex 0 (HP Officejet 8100) belong to the one printer that there is. */
static const struct mib_colorant *find_colorant(const struct mib_walk *w, const struct supply *s)
{
	for (unsigned i = 0; i < w->colorant_count && s->colorant_index != 0; i++) {
		const struct mib_colorant *c = &w->colorant[i];
		if (c->index == s->colorant_index && (c->device == s->device || s->device == 0))
			return c;
	}
	return NULL;
}

static void conclude_supplies(struct mib_walk *w, struct reading *r)
{
	for (struct supply *s = r->supplies; s != NULL; s = s->next) {
		const struct mib_colorant *c = find_colorant(w, s);
		if (c != NULL)
			s->colorant = lower(r, c->name);
		struct text part = word_behind(s->description, "PN");
		struct text serial = word_behind(s->description, "SN");
		if (serial.len == 0)
			serial = word_behind(s->description, "S/N");
		if (part.len > 0)
			s->part = own(r, part);
		if (serial.len > 0)
			s->serial = own(r, serial);
		supply_judge_level(s);
	}
}

/* Rows that got a unit or a label but never a value are no meters. */
static void drop_empty_meters(struct reading *r)
{
	struct meter **at = &r->meters;
	while (*at != NULL) {
		if ((*at)->name == METER_NAME_COUNT) {
			*at = (*at)->next;
			r->meter_count--;
		} else {
			at = &(*at)->next;
		}
	}
	r->meters_end = at;
}

/* ---- order ------------------------------------------------------------------------------ */

/* All rows begin with the link to the next one, and then differ. */
struct row {
	struct row *next;
};

typedef bool is_before(const struct row *a, const struct row *b);

static bool meter_is_before(const struct row *a, const struct row *b)
{
	const struct meter *x = (const struct meter *)a, *y = (const struct meter *)b;
	return x->device != y->device ? x->device < y->device : x->index < y->index;
}

static bool supply_is_before(const struct row *a, const struct row *b)
{
	const struct supply *x = (const struct supply *)a, *y = (const struct supply *)b;
	return x->device != y->device ? x->device < y->device : x->index < y->index;
}

static bool alert_is_before(const struct row *a, const struct row *b)
{
	const struct alert *x = (const struct alert *)a, *y = (const struct alert *)b;
	return x->device != y->device ? x->device < y->device : x->index < y->index;
}

static bool is_sorted(const struct row *row, is_before *before)
{
	for (; row != NULL && row->next != NULL; row = row->next) {
		if (before(row->next, row))
			return false;
	}
	return true;
}

/* Both lists are sorted; the first goes first among equals. */
static struct row *merge(struct row *a, struct row *b, is_before *before)
{
	struct row head, *end = &head;
	while (a != NULL && b != NULL) {
		struct row **from = before(b, a) ? &b : &a;
		end->next = *from;
		end = *from;
		*from = end->next;
	}
	end->next = a != NULL ? a : b;
	return head.next;
}

/* Rows come as the answers were cut, which differs from visit to visit; in the order of their index
 * the same content is the same bytes. Merge sort, bottom up: bins[i] holds 2^i rows. */
static struct row *sorted(struct row *rows, is_before *before)
{
	struct row *bins[16] = {NULL};
	if (is_sorted(rows, before))
		return rows;
	while (rows != NULL) {
		struct row *one = rows;
		rows = rows->next;
		one->next = NULL;
		unsigned i = 0;
		for (; bins[i] != NULL; i++) {
			one = merge(bins[i], one, before);
			bins[i] = NULL;
		}
		bins[i] = one;
	}
	for (unsigned i = 0; i < 16; i++)
		rows = merge(bins[i], rows, before);
	return rows;
}

static void sort_rows(struct reading *r)
{
	r->meters = (struct meter *)sorted((struct row *)r->meters, meter_is_before);
	r->supplies = (struct supply *)sorted((struct row *)r->supplies, supply_is_before);
	r->alerts = (struct alert *)sorted((struct row *)r->alerts, alert_is_before);
	/* Nothing is added after this; the ends are kept right all the same. */
	for (r->supplies_end = &r->supplies; *r->supplies_end != NULL;)
		r->supplies_end = &(*r->supplies_end)->next;
	for (r->alerts_end = &r->alerts; *r->alerts_end != NULL;)
		r->alerts_end = &(*r->alerts_end)->next;
}

void mib_conclude(struct mib_walk *w, struct reading *r)
{
	sort_rows(r);
	mib_conclude_device(w, r);
	conclude_model(w, r);
	conclude_firmware(w, r);
	conclude_supplies(w, r);
	drop_empty_meters(r);
	r->identity.is_printer = r->meter_count > 0 || r->supply_count > 0;
}
