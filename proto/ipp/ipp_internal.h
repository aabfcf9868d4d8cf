/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files of ipp_reading: the attributes kept of a response until they are decoded, and
 * the keywords of the PWG as numbers of RFC 3805. */
#ifndef PLATEN_IPP_IPP_INTERNAL_H
#define PLATEN_IPP_IPP_INTERNAL_H

#include "proto/base/placeholder.h"
#include "proto/ipp/ipp.h"
#include "proto/reading/reading.h"

/* The attributes that are requested. */
enum ipp_attribute {
	ATTRIBUTE_MAKE_AND_MODEL,
	ATTRIBUTE_DEVICE_ID,
	ATTRIBUTE_SERIAL,
	ATTRIBUTE_UUID,
	ATTRIBUTE_FIRMWARE_NAME,
	ATTRIBUTE_FIRMWARE_STRING,
	ATTRIBUTE_FIRMWARE_VERSION,
	ATTRIBUTE_UP_TIME,
	ATTRIBUTE_STATE,
	ATTRIBUTE_STATE_REASONS,
	ATTRIBUTE_ALERT,
	ATTRIBUTE_ALERT_DESCRIPTION,
	ATTRIBUTE_SUPPLY,
	ATTRIBUTE_SUPPLY_DESCRIPTION,
	ATTRIBUTE_MARKER_NAMES,
	ATTRIBUTE_MARKER_TYPES,
	ATTRIBUTE_MARKER_COLORS,
	ATTRIBUTE_MARKER_LEVELS,
	ATTRIBUTE_IMPRESSIONS,
	ATTRIBUTE_SHEETS,
	ATTRIBUTE_PAGES,
	ATTRIBUTE_IMPRESSIONS_COL,
	ATTRIBUTE_SHEETS_COL,
	ATTRIBUTE_PAGES_COL,
	ATTRIBUTE_INPUT_TRAY,
	ATTRIBUTE_OUTPUT_TRAY,
	ATTRIBUTE_SPEED,
	ATTRIBUTE_SPEED_COLOR,
	ATTRIBUTE_FOLDED, /* the others have no field in the reading */
	ATTRIBUTE_CURRENT_TIME = ATTRIBUTE_FOLDED,
	ATTRIBUTE_COUNT
};

/* The members of the -col counters, in the order of PWG 5100.7: one-sided ones are even. */
enum ipp_kind {
	KIND_BLANK,
	KIND_BLANK_TWO_SIDED,
	KIND_COLOR,
	KIND_COLOR_TWO_SIDED,
	KIND_HIGHLIGHT,
	KIND_HIGHLIGHT_TWO_SIDED,
	KIND_MONO,
	KIND_MONO_TWO_SIDED,
	KIND_COUNT
};

/* Number of counters with such members. */
enum { IPP_COLS = ATTRIBUTE_PAGES_COL - ATTRIBUTE_IMPRESSIONS_COL + 1 };

/* The values of one attribute: value[first .. first + count) of struct ipp_facts. They are adjacent
 * in the response too. */
struct ipp_set {
	uint16_t first, count;
	bool is_over; /* the attribute was repeated */
};

struct ipp_facts {
	const struct models *models; /* or NULL */
	struct ipp_set set[ATTRIBUTE_FOLDED];
	struct ipp_value value[LIMIT_IPP_KEPT];
	uint16_t value_count;
	uint8_t groups_seen;        /* bit g: the response has an attribute of group g */
	uint8_t groups_broken;      /* bit g: something of group g was lost */
	uint8_t groups_damaged;     /* bit g: an attribute of group g was malformed */
	unsigned damages;           /* malformed attributes and values */
	struct ipp_damage first;    /* of them */
	struct ipp_set *last;       /* the set that the last value was stored in, or NULL */
	uint8_t has_kind[IPP_COLS]; /* bit k: kind[][k] is in the response */
	int32_t kind[IPP_COLS][KIND_COUNT];
};

const char *ipp_attribute_name(enum ipp_attribute w);
const char *ipp_kind_name(enum ipp_kind k);

/* The nth value of an attribute; false if there is none or it has another type. */
bool ipp_fact_text(const struct ipp_facts *f, enum ipp_attribute w, unsigned nth, struct text *ret);
bool ipp_fact_integer(const struct ipp_facts *f, enum ipp_attribute w, unsigned nth, int32_t *ret);

/* The nth text, without outer blanks; empty if there is none or it is a placeholder. */
static inline struct text ipp_known_text(
	const struct ipp_facts *f, enum ipp_attribute w, unsigned nth)
{
	struct text t;
	(void)ipp_fact_text(f, w, nth, &t);
	return text_known(text_trimmed(t));
}

static inline void ipp_break(struct ipp_facts *f, enum reading_group g)
{
	f->groups_broken |= (uint8_t)(1u << g);
}

/* The vendor that a supply's name has, if nothing else names one. */
void ipp_conclude_vendor(const struct ipp_facts *f, struct reading *r);

/* Each decodes one group, and marks it as incomplete if something is lost. */
void ipp_decode_identity(struct ipp_facts *f, struct reading *r);
void ipp_decode_meters(struct ipp_facts *f, struct reading *r);
void ipp_decode_supplies(struct ipp_facts *f, struct reading *r);
void ipp_decode_alerts(struct ipp_facts *f, struct reading *r);
void ipp_decode_state(struct ipp_facts *f, struct reading *r);
void ipp_decode_media(struct ipp_facts *f, struct reading *r);
/* After the supplies and the alerts: what alerts and state reasons say of receptacles. */
void ipp_conclude_receptacles(const struct ipp_facts *f, struct reading *r);

/* ---- words (proto/ipp/ipp_words.c) ---------------------------------------------------------- */

/* A whole number or ERR_FORMAT / ERR_RANGE. */
int ipp_number(struct text t, int32_t *ret) MUST_USE;

/* Whether a keyword has this word, or these, between its hyphens. */
bool ipp_has_word(struct text keyword, const char *word);

/* Whether both are the same words: "wasteToner", "waste-toner", "waste_toner". */
bool ipp_is_same(struct text t, const char *name);

/* The number of a keyword (or of digits); ERR_FORMAT for other words. */
int ipp_supply_type(struct text t) MUST_USE;
int ipp_supply_class(struct text t) MUST_USE;
int ipp_supply_unit(struct text t) MUST_USE;
int ipp_tray_type(struct text t) MUST_USE;
int ipp_bin_type(struct text t) MUST_USE;
int ipp_capacity_unit(struct text t) MUST_USE;
int ipp_alert_severity(struct text t) MUST_USE;
int ipp_alert_training(struct text t) MUST_USE;
int ipp_alert_group(struct text t) MUST_USE;
int ipp_alert_code(struct text t) MUST_USE;

/* The bits of hrPrinterDetectedErrorState for a printer-state-reason; 0: none. */
uint16_t ipp_reason_errors(struct text reason);

#endif
