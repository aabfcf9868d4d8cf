/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/same_reading.h"

void same_text(struct text a, struct text b)
{
	SAME(a.len, b.len);
	if (a.len > 0)
		assert_memory_equal(a.p, b.p, a.len);
}

void same_identity(const struct identity *a, const struct identity *b)
{
	SAME(a->is_printer, b->is_printer);
	same_text(a->vendor, b->vendor);
	same_text(a->model, b->model);
	same_text(a->serial, b->serial);
	same_text(a->sys_descr, b->sys_descr);
	same_text(a->sys_object_id, b->sys_object_id);
	same_text(a->mac, b->mac);
	same_text(a->name, b->name);
	SAME(a->uptime_cs, b->uptime_cs);
	SAME(a->why, b->why);
	SAME(a->confidence, b->confidence);
	same_text(a->device_id, b->device_id);
	SAME(a->firmware_count, b->firmware_count);
	const struct firmware *g = b->firmware;
	for (const struct firmware *f = a->firmware; f != NULL; f = f->next, g = g->next) {
		same_text(f->name, g->name);
		same_text(f->version, g->version);
	}
	assert_null(g);
}

static void same_meters(const struct reading *a, const struct reading *b)
{
	SAME(a->meter_count, b->meter_count);
	const struct meter *n = b->meters;
	for (const struct meter *m = a->meters; m != NULL; m = m->next, n = n->next) {
		SAME(m->name, n->name);
		SAME(m->unit, n->unit);
		SAME(m->quality, n->quality);
		assert_true(m->value == n->value);
		same_text(m->label, n->label);
		same_text(m->source, n->source);
		same_text(m->parts, n->parts);
	}
	assert_null(n);
}

static void same_supplies(const struct reading *a, const struct reading *b)
{
	SAME(a->supply_count, b->supply_count);
	const struct supply *t = b->supplies;
	for (const struct supply *s = a->supplies; s != NULL; s = s->next, t = t->next) {
		SAME(s->device, t->device);
		SAME(s->index, t->index);
		SAME(s->type, t->type);
		SAME(s->supply_class, t->supply_class);
		SAME(s->unit, t->unit);
		SAME(s->level_kind, t->level_kind);
		SAME(s->direction, t->direction);
		SAME(s->has_level, t->has_level);
		SAME(s->has_max, t->has_max);
		SAME(s->level, t->level);
		SAME(s->max, t->max);
		SAME(s->colorant_index, t->colorant_index);
		same_text(s->colorant, t->colorant);
		same_text(s->description, t->description);
		same_text(s->part, t->part);
		same_text(s->serial, t->serial);
		SAME(s->source, t->source);
		same_text(s->level_source, t->level_source);
	}
	assert_null(t);
}

static void same_alerts(const struct reading *a, const struct reading *b)
{
	SAME(a->alert_count, b->alert_count);
	const struct alert *y = b->alerts;
	for (const struct alert *x = a->alerts; x != NULL; x = x->next, y = y->next) {
		SAME(x->device, y->device);
		SAME(x->index, y->index);
		SAME(x->severity, y->severity);
		SAME(x->training, y->training);
		SAME(x->group, y->group);
		SAME(x->group_index, y->group_index);
		SAME(x->location, y->location);
		SAME(x->code, y->code);
		SAME(x->time_cs, y->time_cs);
		same_text(x->description, y->description);
	}
	assert_null(y);
}

static void same_options(const struct reading *a, const struct reading *b)
{
	SAME(a->option_count, b->option_count);
	const struct option *p = b->options;
	for (const struct option *o = a->options; o != NULL; o = o->next, p = p->next) {
		SAME(o->kind, p->kind);
		SAME(o->device, p->device);
		SAME(o->index, p->index);
		same_text(o->name, p->name);
		same_text(o->value, p->value);
	}
	assert_null(p);
}

static void same_media(const struct reading *a, const struct reading *b)
{
	SAME(a->pages_per_minute, b->pages_per_minute);
	SAME(a->pages_per_minute_color, b->pages_per_minute_color);
	SAME(a->subunit_count, b->subunit_count);
	const struct subunit *t = b->subunits;
	for (const struct subunit *s = a->subunits; s != NULL; s = s->next, t = t->next) {
		SAME(s->kind, t->kind);
		SAME(s->type, t->type);
		SAME(s->unit, t->unit);
		SAME(s->device, t->device);
		SAME(s->index, t->index);
		SAME(s->has_status, t->has_status);
		SAME(s->has_level, t->has_level);
		SAME(s->has_max, t->has_max);
		SAME(s->status, t->status);
		SAME(s->level, t->level);
		SAME(s->max, t->max);
		same_text(s->name, t->name);
		same_text(s->description, t->description);
		same_text(s->media, t->media);
	}
	assert_null(t);
}

static void same_maintenance(const struct reading *a, const struct reading *b)
{
	SAME(a->maintenance_count, b->maintenance_count);
	const struct maintenance *n = b->maintenance;
	for (const struct maintenance *m = a->maintenance; m != NULL; m = m->next, n = n->next) {
		SAME(m->device, n->device);
		SAME(m->index, n->index);
		SAME(m->type, n->type);
		SAME(m->unit, n->unit);
		assert_true(m->life == n->life);
		assert_true(m->used == n->used);
		assert_true(m->left == n->left);
		SAME(m->percent_x100, n->percent_x100);
		same_text(m->name, n->name);
		same_text(m->colorant, n->colorant);
		same_text(m->installed, n->installed);
		same_text(m->source, n->source);
	}
	assert_null(n);
}

void same_reading(const struct reading *a, const struct reading *b, unsigned mask)
{
	for (int g = 0; g < GROUP_COUNT; g++) {
		if ((mask >> g & 1) == 0)
			continue;
		SAME(a->group[g].status, b->group[g].status);
		SAME(reading_group_sources(a, &a->group[g]),
			reading_group_sources(b, &b->group[g]));
		assert_true(a->group[g].requested_at_ms == b->group[g].requested_at_ms);
		assert_true(a->group[g].responded_at_ms == b->group[g].responded_at_ms);
	}
	if (mask & 1u << GROUP_IDENTITY)
		same_identity(&a->identity, &b->identity);
	if (mask & 1u << GROUP_METERS)
		same_meters(a, b);
	if (mask & 1u << GROUP_SUPPLIES)
		same_supplies(a, b);
	if (mask & 1u << GROUP_ALERTS)
		same_alerts(a, b);
	if (mask & 1u << GROUP_OPTIONS)
		same_options(a, b);
	if (mask & 1u << GROUP_MEDIA)
		same_media(a, b);
	if (mask & 1u << GROUP_MAINTENANCE)
		same_maintenance(a, b);
	if (mask & 1u << GROUP_STATE) {
		const struct printer_state *s = &a->state;
		const struct printer_state *t = &b->state;
		SAME(s->device_status, t->device_status);
		SAME(s->printer_status, t->printer_status);
		SAME(s->has_errors, t->has_errors);
		SAME(s->errors, t->errors);
		SAME(s->critical_events, t->critical_events);
		SAME(s->all_events, t->all_events);
		same_text(s->console, t->console);
		SAME(s->service_mode, t->service_mode);
	}
}
