/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/month/ledger.h"

#include "proto/base/crc.h"
#include "proto/smi/oid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	WORK_HOURS = 10,
	WORK_FROM = 7,
	WORK_DAYS = 5,
	JOB_MINUTES = 150,
	/* Cartridges of the profiles last for years at the pace of the simulator. */
	YIELD_DIVISOR = 20,
	YIELD_OF_TRAYS = 2500,
	LOW_PERCENT = 10,
	RESET_DAY = 15,
	FALSE_ZERO_EVERY = 37,
	FALSE_ZERO_PAUSE = 4
};

/* ---- the calendar ----------------------------------------------------------------------- */

uint64_t ledger_sim_ms(uint64_t wall_ms)
{
	uint64_t since = wall_ms - LEDGER_START, day = since / LEDGER_DAY, in = since % LEDGER_DAY;
	uint64_t work = day / 7 * WORK_DAYS + (day % 7 < WORK_DAYS ? day % 7 : WORK_DAYS);
	uint64_t from = WORK_FROM * LEDGER_HOUR, most = WORK_HOURS * LEDGER_HOUR;
	uint64_t done = day % 7 >= WORK_DAYS || in < from ? 0 : in - from > most ? most : in - from;
	return LEDGER_START + work * most + done;
}

/* The wall time at which the simulator's clock gets there. */
static uint64_t wall_ms_of(uint64_t sim_ms)
{
	uint64_t since = sim_ms - LEDGER_START, most = WORK_HOURS * LEDGER_HOUR;
	uint64_t work = since / most;
	return LEDGER_START + (work / WORK_DAYS * 7 + work % WORK_DAYS) * LEDGER_DAY +
	       WORK_FROM * LEDGER_HOUR + since % most;
}

/* ---- facts ------------------------------------------------------------------------------ */

static const struct row *cell_of(const struct profile *p, const struct fact *f, const char *column)
{
	for (uint32_t i = f->first; i < f->first + f->cells; i++) {
		const struct row *r = &p->fact_cells.rows[i];
		if (strcmp(f->section->column[r->oid.p[r->oid.len - 1]], column) == 0)
			return r;
	}
	return NULL;
}

static struct text text_cell(const struct ledger *l, const struct printer *p, const struct row *r)
{
	static struct truth_value v[8];
	static unsigned next;
	struct instant in;
	if (r == NULL)
		return TEXT("");
	next = (next + 1) % 8;
	fleet_at(&l->fleet, p, LEDGER_START, 0, &in);
	struct truth t = {.fleet = &l->fleet, .printer = p};
	truth_row_value(&t, r, &in, LEDGER_START, &v[next]);
	return (struct text){(const char *)v[next].bytes, v[next].len};
}

static uint32_t number_cell(const struct row *r)
{
	uint32_t n = 0;
	for (unsigned i = 0; r != NULL && r->kind == ROW_STATIC && i < r->value_len; i++)
		n = n << 8 | r->value[i];
	return n;
}

static const struct step *step_of(const struct profile *p, unsigned var)
{
	for (size_t i = 0; i < p->step_count; i++) {
		if (p->steps[i].var == var)
			return &p->steps[i];
	}
	return NULL;
}

/* The step that wears the supply whose level is this variable: itself, or what it is made from. */
static const struct step *supply_step(const struct profile *p, unsigned var)
{
	const struct step *s = step_of(p, var);
	for (unsigned depth = 0; s != NULL && s->kind == STEP_LET && depth < 8; depth++) {
		const struct term *t = &p->terms[s->first_term];
		s = t->var < 0 ? NULL : step_of(p, (unsigned)t->var);
	}
	return s != NULL && s->kind == STEP_SUPPLY ? s : NULL;
}

static void add_supply(struct ledger *l, struct ledger_printer *to, const struct fact *f)
{
	const struct profile *p = to->printer->profile;
	const struct row *value = cell_of(p, f, "value"), *percent = cell_of(p, f, "percent");
	const struct row *level = value != NULL ? value : percent;
	if (level == NULL || level->kind != ROW_NUMBER || f->cond >= 0 ||
		to->supplies == LEDGER_SUPPLIES)
		return;
	const struct step *s = supply_step(p, level->var);
	struct text index = text_cell(l, to->printer, cell_of(p, f, "index"));
	char text[32];
	if (s == NULL || index.len >= sizeof text)
		return;
	(void)snprintf(text, sizeof text, "%.*s", TEXT_ARG(index));
	struct ledger_supply *one = &to->supply[to->supplies++];
	struct text what = text_cell(l, to->printer, cell_of(p, f, "description"));
	char *copy = calloc(1, what.len + 1);
	assert_non_null(copy);
	memcpy(copy, what.p, what.len);
	*one = (struct ledger_supply){.left = s->var,
		.replaced = s->replaced,
		.value = level->var,
		.max = value != NULL ? number_cell(cell_of(p, f, "max")) : 100,
		.what = {copy, what.len}};
	one->is_receptacle =
		text_is(text_cell(l, to->printer, cell_of(p, f, "class")), "receptacle");
	one->device = (uint32_t)strtoul(text, NULL, 10);
	one->index = (uint32_t)strtoul(strchr(text, '.') + 1, NULL, 10);
	assert_true(one->max > 0);
}

static void find_total(struct ledger *l, struct ledger_printer *to, const struct fact *f)
{
	const struct profile *p = to->printer->profile;
	const struct row *value = cell_of(p, f, "value");
	struct text oid = text_cell(l, to->printer, cell_of(p, f, "oid"));
	char dotted[256];
	struct oid name;
	if (value == NULL || value->kind != ROW_NUMBER || oid.len == 0 ||
		oid.len >= sizeof dotted ||
		!text_is(text_cell(l, to->printer, cell_of(p, f, "name")), "impressions_total"))
		return;
	(void)snprintf(dotted, sizeof dotted, "%.*s", TEXT_ARG(oid));
	if (oid_from_text(&name, dotted) < 0)
		return; /* a sum of several objects */
	int n = oid_encode(to->total, sizeof to->total, &name);
	assert_true(n > 0);
	/* Brother packs it with others into one string. */
	size_t at = row_find(&p->table, (struct oid_ber){to->total, (size_t)n});
	if (at == p->table.count || p->table.rows[at].kind != ROW_NUMBER)
		return;
	to->total_len = (size_t)n;
	to->total_var = value->var;
}

static void open_printer(struct ledger *l, size_t i)
{
	struct ledger_printer *to = &l->of[i];
	to->printer = &l->fleet.printers[i];
	to->false_zero = -1;
	const struct profile *p = to->printer->profile;
	for (size_t k = 0; k < p->fact_count; k++) {
		if (strcmp(p->facts[k].section->name, "supplies") == 0)
			add_supply(l, to, &p->facts[k]);
		else if (strcmp(p->facts[k].section->name, "meters") == 0)
			find_total(l, to, &p->facts[k]);
	}
}

/* ---- life ------------------------------------------------------------------------------- */

static struct profile *profiles[FLEET_PROFILES];
static size_t profile_count;

static void open_profiles(unsigned yield_divisor)
{
	for (const struct embedded_profile *e = embedded_profiles; e->name != NULL; e++) {
		char why[LIMIT_WHY] = "";
		if (strncmp(e->name, "other-", 6) == 0)
			continue;
		struct profile *p = profile_from_text((const char *)e->text, e->len, why);
		if (p == NULL)
			fail_msg("%s: %s", e->name, why);
		/* One whose supplies are in a context only, and those without a Printer-MIB. */
		if (p->context[0] != '\0' || p->fact_count == 0) {
			profile_close(p);
			continue;
		}
		for (size_t i = 0; i < p->step_count; i++) {
			if (p->steps[i].kind == STEP_SUPPLY && p->steps[i].yield > YIELD_OF_TRAYS)
				p->steps[i].yield /= yield_divisor;
		}
		profiles[profile_count++] = p;
	}
}

static void open_with(struct ledger *l, size_t printers, unsigned yield_divisor)
{
	open_profiles(yield_divisor);
	struct fleet_options o = {.printers = printers,
		.addresses = {.base = 0x7f000001},
		.seed = 20261130,
		.epoch_ms = LEDGER_START - LEDGER_DAY,
		.job_interval_ms = JOB_MINUTES * UINT64_C(60000),
		.profiles = (const struct profile *const *)profiles,
		.profile_count = profile_count};
	assert_int_equal(fleet_open(&l->fleet, &o), 0);
	l->of = calloc(printers, sizeof *l->of);
	l->event = calloc(LEDGER_EVENTS, sizeof *l->event);
	assert_true(l->of != NULL && l->event != NULL);
	for (size_t i = 0; i < printers; i++)
		open_printer(l, i);
}

void ledger_open(struct ledger *l, size_t printers)
{
	*l = (struct ledger){.events = 0};
	open_with(l, printers, YIELD_DIVISOR);
}

void ledger_open_plain(struct ledger *l, size_t printers)
{
	*l = (struct ledger){.is_plain = true};
	open_with(l, printers, 1);
}

void ledger_close(struct ledger *l)
{
	for (size_t i = 0; i < l->fleet.count; i++) {
		for (unsigned k = 0; k < l->of[i].supplies; k++)
			free((char *)l->of[i].supply[k].what.p);
	}
	free(l->of);
	free(l->event);
	fleet_close(&l->fleet);
	while (profile_count > 0)
		profile_close(profiles[--profile_count]);
}

uint32_t ledger_what(struct text description, int code)
{
	return crc32c(crc32c(0, &code, sizeof code), description.p, description.len);
}

/* ---- what happens ----------------------------------------------------------------------- */

static void add(struct ledger *l, const struct ledger_printer *p, enum ledger_kind kind,
	uint32_t what, uint64_t now_ms)
{
	assert_true(l->events < LEDGER_EVENTS);
	l->event[l->events++] = (struct ledger_event){.printer = (uint32_t)(p - l->of),
		.kind = (uint8_t)kind,
		.what = what,
		.from_ms = p->before_ms,
		.to_ms = now_ms};
}

static void note_supply(struct ledger *l, const struct ledger_printer *p, struct ledger_supply *s,
	const struct instant *in, uint64_t now_ms)
{
	uint32_t what = ledger_what(s->what, 0), value = in->vars[s->value];
	size_t events = l->events;
	if (p->is_known && in->vars[s->replaced] != s->replacements) {
		add(l, p, LEDGER_REPLACED, what, now_ms);
		s->is_low = s->is_empty = false;
	}
	s->replacements = in->vars[s->replaced];
	s->is_low = s->is_low || (!p->is_known && value == 0); /* at first sight it is empty only */
	if (!s->is_low && value * UINT64_C(100) <= (uint64_t)s->max * LOW_PERCENT) {
		add(l, p, LEDGER_LOW, what, now_ms);
		s->is_low = true;
	}
	if (!s->is_empty && value == 0) {
		add(l, p, LEDGER_EMPTY, what, now_ms);
		s->is_empty = true;
	}
	if (l->events > events)
		s->event_ms = now_ms;
}

static void note_alerts(
	struct ledger *l, const struct ledger_printer *p, uint64_t conds, uint64_t now_ms)
{
	const struct profile *profile = p->printer->profile;
	for (size_t i = 0; i < profile->fact_count; i++) {
		const struct fact *f = &profile->facts[i];
		if (strcmp(f->section->name, "alerts") != 0)
			continue;
		bool is_now = f->cond < 0 || (conds >> f->cond & 1) != 0;
		bool was = p->is_known && (f->cond < 0 || (p->conds >> f->cond & 1) != 0);
		if (!is_now || was)
			continue;
		if (text_is(text_cell(l, p->printer, cell_of(profile, f, "kind")), "state")) {
			l->states++;
			continue;
		}
		uint32_t code = number_cell(cell_of(profile, f, "code_number"));
		struct text text = text_cell(l, p->printer, cell_of(profile, f, "description"));
		add(l, p, LEDGER_ALERT, ledger_what(text, (int)code), now_ms);
	}
}

/* A fifth of the printers gets a new board, whose total begins anew. */
static void plant_reset(
	struct ledger *l, struct ledger_printer *p, const struct instant *in, uint64_t now_ms)
{
	enum { EVERY = 5, WHICH = 3, FIRST_TOTAL = 7 };
	if (l->is_plain || p->total_base != 0 || p->total_len == 0 ||
		(size_t)(p - l->of) % EVERY != WHICH ||
		now_ms < LEDGER_START + RESET_DAY * LEDGER_DAY)
		return;
	p->total_base = in->vars[p->total_var] - FIRST_TOTAL;
	add(l, p, LEDGER_RESET, 0, now_ms);
}

/* Now and then a level of 0 that is none, never in two polls, beside an
 * empty supply or with another event. */
static void plant_zero(
	const struct ledger *l, struct ledger_printer *p, const struct instant *in, uint64_t now_ms)
{
	if (l->is_zero_held && p->false_zero >= 0 && p->quiet++ == 0)
		return;
	p->false_zero = -1;
	p->quiet++;
	uint64_t chance = fleet_hash(p->printer->id, now_ms);
	if (l->is_plain || !p->is_known || p->supplies == 0 || chance % FALSE_ZERO_EVERY != 0 ||
		p->quiet < FALSE_ZERO_PAUSE)
		return;
	for (unsigned i = 0; i < p->supplies; i++) {
		const struct ledger_supply *s = &p->supply[i];
		if (in->vars[s->left] == 0 || s->is_low || s->event_ms == now_ms)
			return;
	}
	p->false_zero = (int)(chance / FALSE_ZERO_EVERY % p->supplies);
	p->quiet = 0;
}

bool ledger_poll(struct ledger *l, size_t printer, uint64_t wall_ms)
{
	struct ledger_printer *p = &l->of[printer];
	struct instant in;
	fleet_at(&l->fleet, p->printer, ledger_sim_ms(wall_ms), 0, &in);
	bool had_zero = p->false_zero >= 0, had_base = p->total_base != 0;
	bool is_same = p->is_known && in.conds == p->conds && in.from_ms == p->from_ms && !had_zero;
	plant_reset(l, p, &in, wall_ms);
	for (unsigned i = 0; i < p->supplies; i++)
		note_supply(l, p, &p->supply[i], &in, wall_ms);
	plant_zero(l, p, &in, wall_ms);
	note_alerts(l, p, in.conds, wall_ms);
	p->is_known = true;
	p->before_ms = wall_ms;
	p->conds = in.conds;
	p->from_ms = in.from_ms;
	return !is_same || p->false_zero >= 0 || (p->total_base != 0) != had_base;
}

/* ---- rows ------------------------------------------------------------------------------- */

struct making {
	struct ledger_printer *p;
	struct recording *rows;
	uint8_t zero[LIMIT_OID_BER];
	size_t zero_len;
};

static struct oid_ber put_bytes(struct recording *w, const uint8_t *bytes, size_t len)
{
	uint8_t *at = w->arena.data + w->arena.len;
	assert_int_equal(buf_put(&w->arena, bytes, len), 0);
	return (struct oid_ber){at, len};
}

static void lower_total(struct truth_value *v, uint32_t base)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < v->len; i++)
		value = value << 8 | v->bytes[i];
	value -= base;
	v->len = 5;
	for (unsigned i = 0; i < 5; i++)
		v->room[i] = (uint8_t)(value >> (8 * (4 - i)));
	v->bytes = v->room;
}

static void add_row(void *owner, struct oid_ber oid, const struct truth_value *value)
{
	static const uint8_t nothing[] = {0};
	struct making *m = owner;
	struct truth_value v = *value;
	if (v.bytes == value->room)
		v.bytes = v.room;
	if (m->p->total_base != 0 &&
		oid_ber_is_equal(oid, (struct oid_ber){m->p->total, m->p->total_len}))
		lower_total(&v, m->p->total_base);
	if (m->zero_len > 0 && oid_ber_is_equal(oid, (struct oid_ber){m->zero, m->zero_len})) {
		v.bytes = nothing;
		v.len = 1;
	}
	assert_true(m->rows->count < PROFILE_ROWS);
	struct oid_ber name = put_bytes(m->rows, oid.p, oid.len);
	struct oid_ber content = put_bytes(m->rows, v.bytes, v.len);
	m->rows->rows[m->rows->count++] = (struct varbind){name, v.type, content.p, content.len};
}

void ledger_rows(struct ledger *l, size_t printer, uint64_t wall_ms, struct recording *rows)
{
	struct making m = {.p = &l->of[printer], .rows = rows};
	rows->count = 0;
	buf_clear(&rows->arena);
	if (m.p->false_zero >= 0) {
		const struct ledger_supply *s = &m.p->supply[m.p->false_zero];
		char dotted[64];
		struct oid name;
		(void)snprintf(dotted, sizeof dotted, "1.3.6.1.2.1.43.11.1.1.9.%u.%u", s->device,
			s->index);
		assert_int_equal(oid_from_text(&name, dotted), 0);
		int n = oid_encode(m.zero, sizeof m.zero, &name);
		m.zero_len = n > 0 ? (size_t)n : 0;
	}
	truth_begin(&l->truth, &l->fleet, m.p->printer);
	truth_table(&l->truth, ledger_sim_ms(wall_ms), add_row, &m);
}

/* ---- how long they last ----------------------------------------------------------------- */

void ledger_days_left(
	struct ledger *l, size_t printer, uint64_t wall_ms, double days[LEDGER_SUPPLIES])
{
	enum { HORIZON_DAYS = 150, UNKNOWN = -1, GONE = -2 };
	const struct ledger_printer *p = &l->of[printer];
	struct instant in;
	unsigned open = 0;
	uint64_t sim_ms = ledger_sim_ms(wall_ms);
	fleet_at(&l->fleet, p->printer, sim_ms, 0, &in);
	uint32_t replaced[LEDGER_SUPPLIES];
	for (unsigned i = 0; i < p->supplies; i++) {
		replaced[i] = in.vars[p->supply[i].replaced];
		bool is_there = in.vars[p->supply[i].left] > 0;
		days[i] = is_there ? UNKNOWN : GONE;
		open += is_there;
	}
	bool is_first = true;
	while (open > 0 && sim_ms < LEDGER_START + HORIZON_DAYS * WORK_HOURS * LEDGER_HOUR) {
		for (unsigned i = 0; i < p->supplies; i++) {
			const struct ledger_supply *s = &p->supply[i];
			bool is_gone = in.vars[s->left] == 0 || in.vars[s->replaced] != replaced[i];
			if (!is_gone || days[i] > UNKNOWN || days[i] < UNKNOWN || is_first)
				continue;
			days[i] = (double)(wall_ms_of(in.from_ms) - wall_ms) / (double)LEDGER_DAY;
			open--;
		}
		sim_ms = in.until_ms;
		fleet_at(&l->fleet, p->printer, sim_ms, 0, &in);
		is_first = false;
	}
}
