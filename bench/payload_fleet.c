/* SPDX-License-Identifier: Apache-2.0
 * The printers: those of the simulator, which live by the ledger of the virtual month; or
 * recordings, whose meters and levels advance by our own arithmetic, each printer with a serial
 * number of its own. */
#include "bench/payload.h"

#include "proto/mib/recording_agent.h"
#include "proto/model/model.h"
#include "tests/month/ledger.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERIALS_BYTES = 4096, PAGES_A_DAY = 400, SHEETS_A_PERCENT = 90 };

uint64_t payload_start_ms(void)
{
	return LEDGER_START;
}

/* ---- the simulator's ---- */
static void open_simulated(
	struct payload_fleet *f, size_t printers, void (*open)(struct ledger *l, size_t printers))
{
	*f = (struct payload_fleet){.count = printers};
	f->ledger = calloc(1, sizeof *f->ledger);
	f->rows.rows = calloc(PROFILE_ROWS, sizeof *f->rows.rows);
	if (f->ledger == NULL || f->rows.rows == NULL)
		payload_fail("memory", ERR_FULL);
	open(f->ledger, printers);
	buf_open(&f->rows.arena, 16u << 20);
	if (buf_reserve(&f->rows.arena, 8u << 20) < 0) /* its bytes do not move */
		payload_fail("memory", ERR_FULL);
	buf_open(&f->serials, SERIALS_BYTES);
}

void payload_fleet_open(struct payload_fleet *f, size_t printers)
{
	open_simulated(f, printers, ledger_open);
}

void payload_fleet_open_plain(struct payload_fleet *f, size_t printers)
{
	open_simulated(f, printers, ledger_open_plain);
}

/* ---- recordings ---- */
static bool read_file(struct buf *dst, const char *dir, const char *name)
{
	char path[4096];
	uint8_t bytes[65536];
	size_t n;
	int len = snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *in = len > 0 && (size_t)len < sizeof path ? fopen(path, "rb") : NULL;
	if (in == NULL)
		return false;
	buf_clear(dst);
	while ((n = fread(bytes, 1, sizeof bytes, in)) > 0 && buf_put(dst, bytes, n) == 0)
		;
	(void)fclose(in);
	return dst->len > 0;
}

bool payload_fleet_open_recordings(struct payload_fleet *f, const char *dir, size_t printers)
{
	struct dirent **names = NULL;
	struct buf bytes;
	char why[LIMIT_WHY];
	size_t recordings = 0;
	*f = (struct payload_fleet){.count = 0};
	int n = scandir(dir, &names, NULL, alphasort);
	f->recording = calloc(n > 0 ? (size_t)n : 1, sizeof *f->recording);
	if (f->recording == NULL)
		payload_fail("memory", ERR_FULL);
	buf_open(&bytes, LIMIT_RECORDING);
	for (int i = 0; i < n; i++) {
		int format = recording_format_of(names[i]->d_name);
		if (format >= 0 && read_file(&bytes, dir, names[i]->d_name) &&
			recording_parse_lenient(&f->recording[recordings],
				(enum recording_format)format, RECORDING_KEEP_FIRST, bytes.data,
				bytes.len, NULL, NULL, why) == 0)
			recordings++;
		free(names[i]);
	}
	free(names);
	buf_close(&bytes);
	f->count = recordings;
	buf_open(&f->serials, SERIALS_BYTES);
	if (recordings > 0 && printers > recordings)
		f->count = printers;
	f->rows.count = recordings;
	return recordings > 0;
}

void payload_fleet_close(struct payload_fleet *f)
{
	if (f->ledger != NULL) {
		ledger_close(f->ledger);
		buf_close(&f->rows.arena);
		free(f->rows.rows);
	}
	for (size_t i = 0; f->recording != NULL && i < f->rows.count; i++)
		recording_close(&f->recording[i]);
	free(f->recording);
	free(f->ledger);
	buf_close(&f->serials);
}

/* ---- polls ---- */
/* The same numbers at each run. */
static uint32_t random_of(uint64_t a, uint64_t b)
{
	uint64_t x = a * 0x9e3779b97f4a7c15u + b * 0xd1342543de82ef95u;
	x = (x ^ x >> 31) * 0xbf58476d1ce4e5b9u;
	return (uint32_t)(x >> 32);
}

/* Pages of a recording's printer since the start. */
static uint64_t pages(size_t printer, uint64_t now_ms)
{
	uint64_t a_day = 20 + random_of(printer, 1) % PAGES_A_DAY;
	return a_day * (ledger_sim_ms(now_ms) - LEDGER_START) / (10 * PAYLOAD_HOUR);
}

static void age_recording(
	struct payload_fleet *f, size_t printer, uint64_t now_ms, struct reading *r)
{
	uint64_t printed = pages(printer, now_ms);
	char serial[24];
	for (struct meter *m = r->meters; m != NULL; m = m->next) {
		if (m->value > 0)
			m->value += printed * (1 + m->name % 3) / 3;
	}
	for (struct supply *s = r->supplies; s != NULL; s = s->next) {
		uint64_t used = printed / SHEETS_A_PERCENT;
		if (s->has_level && s->level > 0 && s->has_max && s->max > 0)
			s->level -= (int32_t)(used % 100 * (uint64_t)s->level / 100);
	}
	buf_clear(&f->serials);
	int n = snprintf(serial, sizeof serial, "%08X%02zX", random_of(printer, 2), printer % 256);
	if (n < 0 || buf_put(&f->serials, serial, (size_t)n) < 0)
		payload_fail("memory", ERR_FULL);
	r->identity.serial = (struct text){(const char *)f->serials.data, (size_t)n};
	r->identity.uptime_cs = (uint32_t)((now_ms - LEDGER_START) / 10 + random_of(printer, 3));
}

/* The groups are requested one after the other during some seconds. */
static void date_groups(struct reading *r, size_t printer, uint64_t now_ms)
{
	uint64_t at = now_ms;
	for (unsigned g = GROUP_COUNT; g-- > 0;) {
		uint32_t random = random_of(printer * GROUP_COUNT + g, now_ms);
		if (r->group[g].status == GROUP_NOT_REQUESTED)
			continue;
		r->group[g].responded_at_ms = at - random % 40;
		at -= 40 + random / 64 % 400;
		r->group[g].requested_at_ms = at;
	}
}

bool payload_fleet_changes(struct payload_fleet *f, size_t printer, uint64_t now_ms)
{
	if (f->ledger != NULL)
		return ledger_poll(f->ledger, printer, now_ms);
	return now_ms < LEDGER_START + PAYLOAD_HOUR ||
	       pages(printer, now_ms) != pages(printer, now_ms - PAYLOAD_HOUR);
}

void payload_fleet_poll(struct payload_fleet *f, size_t printer, uint64_t now_ms,
	bool is_incremental, struct reading *r)
{
	static const enum reading_group seldom[] = {GROUP_OPTIONS, GROUP_MEDIA, GROUP_MAINTENANCE};
	if (f->ledger != NULL) {
		ledger_rows(f->ledger, printer, now_ms, &f->rows);
		recording_poll(r, &f->rows, NULL, models_builtin(), now_ms);
	} else {
		recording_poll(
			r, &f->recording[printer % f->rows.count], NULL, models_builtin(), now_ms);
		age_recording(f, printer, now_ms, r);
	}
	for (size_t i = 0; i < sizeof seldom / sizeof seldom[0] && is_incremental; i++)
		r->group[seldom[i]].status = GROUP_NOT_REQUESTED;
	date_groups(r, printer, now_ms);
}
