/* SPDX-License-Identifier: Apache-2.0
 * Keywords to numbers. PWG 5100.9 and 5100.13 write the labels of RFC 3805 in camelCase, CUPS with
 * hyphens, reading_names.c with underscores; so a keyword is looked up in reading_names.c, and
 * there is one list only. */
#include "proto/ipp/ipp_internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int ipp_number(struct text t, int32_t *ret)
{
	bool is_negative = t.len > 0 && t.p[0] == '-';
	int64_t v = 0;
	if (t.len == (is_negative ? 1u : 0u))
		return ERR_FORMAT;
	for (size_t i = is_negative ? 1 : 0; i < t.len; i++) {
		if (!isdigit((unsigned char)t.p[i]))
			return ERR_FORMAT;
		v = v * 10 + (t.p[i] - '0');
		if (v > INT32_MAX)
			return ERR_RANGE;
	}
	*ret = (int32_t)(is_negative ? -v : v);
	return 0;
}

static bool is_filler(char c)
{
	return c == '-' || c == '_' || c == ' ';
}

bool ipp_has_word(struct text keyword, const char *word)
{
	size_t n = strlen(word);
	for (size_t i = 0; i + n <= keyword.len; i++) {
		bool is_start = i == 0 || keyword.p[i - 1] == '-';
		bool is_end = i + n == keyword.len || keyword.p[i + n] == '-';
		if (is_start && is_end && strncasecmp(keyword.p + i, word, n) == 0)
			return true;
	}
	return false;
}

bool ipp_is_same(struct text t, const char *name)
{
	size_t i = 0;
	for (;;) {
		while (i < t.len && is_filler(t.p[i]))
			i++;
		while (is_filler(*name))
			name++;
		if (i == t.len || *name == '\0')
			return i == t.len && *name == '\0';
		if (tolower((unsigned char)t.p[i]) != tolower((unsigned char)*name))
			return false;
		i++;
		name++;
	}
}

/* Digits, which some printers send instead of a keyword. */
static int digits_of(struct text t, int max)
{
	int32_t n;
	if (ipp_number(t, &n) < 0 || n < 0 || n > max)
		return ERR_FORMAT;
	return n;
}

typedef const char *unsigned_name(unsigned n);
typedef const char *signed_name(int n);

static int by_unsigned(struct text t, unsigned_name *name, int max)
{
	for (int n = 1; n <= max; n++) {
		if (ipp_is_same(t, name((unsigned)n)))
			return n;
	}
	return digits_of(t, UINT8_MAX);
}

static int by_signed(struct text t, signed_name *name, int max)
{
	for (int n = 1; n <= max; n++) {
		if (ipp_is_same(t, name(n)))
			return n;
	}
	return digits_of(t, INT32_MAX);
}

int ipp_supply_type(struct text t)
{
	enum { LAST_TYPE = 36 };
	return by_unsigned(t, supply_type_name, LAST_TYPE);
}

int ipp_supply_class(struct text t)
{
	if (ipp_is_same(t, "supplyThatIsConsumed"))
		return 3;
	if (ipp_is_same(t, "receptacleThatIsFilled"))
		return 4;
	return by_unsigned(t, supply_class_name, 2);
}

int ipp_supply_unit(struct text t)
{
	enum { LAST_UNIT = 19 };
	return by_unsigned(t, supply_unit_name, LAST_UNIT);
}

static int by_subunit(struct text t, enum subunit_kind kind, int max)
{
	for (int n = 1; n <= max; n++) {
		if (ipp_is_same(t, subunit_type_name(kind, (unsigned)n)))
			return n;
	}
	return digits_of(t, UINT8_MAX);
}

/* PrtInputTypeTC; two of its labels end in "Tray", which our names omit. */
int ipp_tray_type(struct text t)
{
	enum { LAST_TYPE = 7, TRAY_BYTES = 4 };
	if (t.len > TRAY_BYTES && strncasecmp(t.p + t.len - TRAY_BYTES, "tray", TRAY_BYTES) == 0)
		t.len -= TRAY_BYTES;
	return by_subunit(t, SUBUNIT_TRAY, LAST_TYPE);
}

int ipp_bin_type(struct text t)
{
	enum { LAST_TYPE = 7 };
	return by_subunit(t, SUBUNIT_BIN, LAST_TYPE);
}

int ipp_capacity_unit(struct text t)
{
	enum { LAST_UNIT = 19 };
	return by_unsigned(t, capacity_unit_name, LAST_UNIT);
}

int ipp_alert_severity(struct text t)
{
	return by_signed(t, alert_severity_name, 5);
}

int ipp_alert_training(struct text t)
{
	return by_signed(t, alert_training_name, 7);
}

int ipp_alert_group(struct text t)
{
	enum { LAST_GROUP = 33 };
	int n = by_signed(t, alert_group_name, LAST_GROUP);
	/* finAttributeTable: the only group that is named after its table. */
	if (n < 0 && ipp_is_same(t, "finAttributeTable"))
		return LAST_GROUP;
	return n;
}

/* ---- alert codes ------------------------------------------------------------------------ */

enum {
	GENERIC_FIRST = 3,
	GENERIC_LAST = 38,
	FINISHER_FIRST = 302,
	FINISHER_LAST = 318,
	FINISHER_COVER_OPEN = 3
};

static int code_between(struct text t, int first, int last)
{
	char name[ALERT_CODE_NAME];
	for (int n = first; n <= last; n++) {
		if (ipp_is_same(t, alert_code_name(n, name)))
			return n;
	}
	return ERR_FORMAT;
}

/* staplerCoverOpen: the finishing device followed by the generic code. */
static int finisher_code(struct text t)
{
	for (int d = FINISHER_FIRST; t.len > 0 && d <= FINISHER_LAST; d++) {
		char name[ALERT_CODE_NAME];
		const char *cover_open = alert_code_name(d * 100 + FINISHER_COVER_OPEN, name);
		if (tolower((unsigned char)t.p[0]) != cover_open[0])
			continue;
		int n = code_between(t, d * 100 + GENERIC_FIRST, d * 100 + GENERIC_LAST);
		if (n > 0)
			return n;
	}
	return ERR_FORMAT;
}

int ipp_alert_code(struct text t)
{
	/* The ranges of defined codes; the numbers between them have no name. */
	static const short ranges[][2] = {{1, GENERIC_LAST}, {501, 507}, {801, 813}, {901, 904},
		{1001, 1005}, {1101, 1115}, {1301, 1304}, {1501, 1507}, {1509, 1509}, {1801, 1801}};
	for (size_t i = 0; i < COUNT(ranges); i++) {
		int n = code_between(t, ranges[i][0], ranges[i][1]);
		if (n > 0)
			return n;
	}
	int n = finisher_code(t);
	return n > 0 ? n : digits_of(t, INT32_MAX);
}

/* ---- printer-state-reasons -------------------------------------------------------------- */

/* Bits as in struct printer_state: lowPaper is bit 15. */
#define BIT(n) ((uint16_t)(0x8000u >> (n)))

enum error_bit {
	ERROR_LOW_PAPER,
	ERROR_NO_PAPER,
	ERROR_LOW_TONER,
	ERROR_NO_TONER,
	ERROR_DOOR_OPEN,
	ERROR_JAMMED,
	ERROR_OFFLINE,
	ERROR_SERVICE,
	ERROR_INPUT_MISSING,
	ERROR_OUTPUT_MISSING,
	ERROR_SUPPLY_MISSING,
	ERROR_OUTPUT_NEAR_FULL,
	ERROR_OUTPUT_FULL,
	ERROR_INPUT_EMPTY
};

struct reason_row {
	const char *reason; /* of RFC 8011 and PWG 5100.9, without the severity */
	uint16_t bits;
};

static const struct reason_row reasons[] = {
	{"media-low", BIT(ERROR_LOW_PAPER)},
	{"input-media-supply-low", BIT(ERROR_LOW_PAPER)},
	{"media-needed", BIT(ERROR_NO_PAPER)},
	{"media-empty", BIT(ERROR_NO_PAPER)},
	{"input-media-supply-empty", BIT(ERROR_NO_PAPER)},
	{"toner-low", BIT(ERROR_LOW_TONER)},
	{"marker-supply-low", BIT(ERROR_LOW_TONER)},
	{"marker-toner-almost-empty", BIT(ERROR_LOW_TONER)},
	{"marker-ink-almost-empty", BIT(ERROR_LOW_TONER)},
	{"toner-empty", BIT(ERROR_NO_TONER)},
	{"marker-supply-empty", BIT(ERROR_NO_TONER)},
	{"marker-toner-empty", BIT(ERROR_NO_TONER)},
	{"marker-ink-empty", BIT(ERROR_NO_TONER)},
	{"door-open", BIT(ERROR_DOOR_OPEN)},
	{"cover-open", BIT(ERROR_DOOR_OPEN)},
	{"interlock-open", BIT(ERROR_DOOR_OPEN)},
	{"media-jam", BIT(ERROR_JAMMED)},
	{"offline", BIT(ERROR_OFFLINE)},
	{"shutdown", BIT(ERROR_OFFLINE)},
	{"fuser-over-temp", BIT(ERROR_SERVICE)},
	{"fuser-under-temp", BIT(ERROR_SERVICE)},
	{"opc-life-over", BIT(ERROR_SERVICE)},
	{"input-tray-missing", BIT(ERROR_INPUT_MISSING)},
	{"output-tray-missing", BIT(ERROR_OUTPUT_MISSING)},
	{"marker-supply-missing", BIT(ERROR_SUPPLY_MISSING)},
	{"marker-toner-cartridge-missing", BIT(ERROR_SUPPLY_MISSING)},
	{"marker-toner-missing", BIT(ERROR_SUPPLY_MISSING)},
	{"marker-ink-missing", BIT(ERROR_SUPPLY_MISSING)},
	{"output-area-almost-full", BIT(ERROR_OUTPUT_NEAR_FULL)},
	{"output-area-full", BIT(ERROR_OUTPUT_FULL)},
};

enum { LOW_BITS = BIT(ERROR_LOW_PAPER) | BIT(ERROR_LOW_TONER) | BIT(ERROR_OUTPUT_NEAR_FULL) };

static bool cut_end(struct text *t, const char *end)
{
	size_t n = strlen(end);
	if (t->len < n || memcmp(t->p + t->len - n, end, n) != 0)
		return false;
	t->len -= n;
	return true;
}

uint16_t ipp_reason_errors(struct text reason)
{
	struct text t = text_trimmed(reason);
	/* RFC 8011 5.4.12: a reason without a severity is an error. */
	bool is_report = cut_end(&t, "-report");
	bool is_mild = is_report || cut_end(&t, "-warning");
	if (!is_mild)
		(void)cut_end(&t, "-error");
	for (size_t i = 0; i < COUNT(reasons); i++) {
		if (!text_is(t, reasons[i].reason))
			continue;
		/* One empty tray of several stops nothing: RFC 2790 has a bit for that. */
		if (is_mild && reasons[i].bits == BIT(ERROR_NO_PAPER))
			return BIT(ERROR_INPUT_EMPTY);
		/* A report only informs: that something runs low is worth showing, a jam it is
		 * none. */
		return (uint16_t)(is_report ? reasons[i].bits & LOW_BITS : reasons[i].bits);
	}
	/* fuser-thermistor-failure, motor-failure, subunit-unrecoverable-failure ... */
	struct text stem = t;
	return cut_end(&stem, "-failure") && !is_mild ? BIT(ERROR_SERVICE) : 0;
}
