/* SPDX-License-Identifier: Apache-2.0
 * The report: one row for each device, the same rows in each format. The caller iterates over its
 * devices: report_begin, report_device for each, report_end. Text is printed at the end, the other
 * formats as they come, so that memory does not follow the number of devices. */
#ifndef PLATEN_UI_REPORT_H
#define PLATEN_UI_REPORT_H

#include "proto/base/err.h"
#include "proto/base/str.h"
#include "proto/base/writer.h"
#include "engine/ui/view.h"
#include "proto/history/history.h"
#include "proto/reading/reading.h"
#include "proto/text/table.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum report_format { REPORT_TEXT, REPORT_CSV, REPORT_HTML, REPORT_JSON, REPORT_FORMAT_COUNT };

/* "text" "csv" "html" "json", or ERR_FORMAT. */
int report_format_from_text(const char *text) MUST_USE;

struct report_options {
	enum report_format format;
	const char *title;    /* "Printers of Lyon" */
	const char *software; /* "platen 0.1.0" */
	uint64_t now_ms;      /* wall clock: when the report is made */
	bool has_evaluation;  /* every device has one: the hub's */
};

struct report {
	struct report_options options;
	struct writer json; /* REPORT_JSON */
	struct table table; /* the other formats */
};

struct report_device {
	struct text device_key;
	struct text address;
	uint64_t read_at_ms;
	const struct reading *reading;
	const struct history_state
		*evaluation; /* of the hub; NULL: values count as they were read */
	unsigned mask;       /* bit g: group g of the reading is known */
};

void report_begin(struct report *r, FILE *out, const struct report_options *o);
/* A negative return ends the caller's iteration: the same error comes back from report_end. */
int report_device(struct report *r, const struct report_device *d);
/* 0, or the first error (-errno, ERR_FULL). Must be called after every report_begin. */
int report_end(struct report *r) MUST_USE;

#endif
