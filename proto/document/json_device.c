/* SPDX-License-Identifier: Apache-2.0
 * One device, as docs/json.md has it. */
#include "proto/document/json_internal.h"

#include <stdio.h>

/* Records of minor 0 hold an identity and do not say why: then something is known without it. */
static bool says_why(const struct identity *id)
{
	bool is_blank = !id->is_printer && id->vendor.len == 0 && id->sys_descr.len == 0;
	return id->why != WHY_NOTHING || is_blank;
}

static json_t *identity(struct vendor *m, const struct identity *id)
{
	json_t *o = vendor_object(m);
	vendor_set(m, o, "is_printer", json_boolean(id->is_printer));
	if (says_why(id)) {
		vendor_set_word(m, o, "why", identity_why_name((enum identity_why)id->why));
		vendor_set(m, o, "confidence", json_real((double)id->confidence / 100));
	}
	vendor_set(m, o, "vendor", vendor_text(id->vendor));
	vendor_set(m, o, "model", vendor_text(id->model));
	vendor_set(m, o, "serial", vendor_text(id->serial));
	vendor_set_text(m, o, "sys_descr", id->sys_descr);
	vendor_set_text(m, o, "sys_object_id", id->sys_object_id);
	vendor_set_text(m, o, "mac", id->mac);
	vendor_set_text(m, o, "name", id->name);
	vendor_set_text(m, o, "device_id", id->device_id);
	if (id->uptime_cs > 0)
		vendor_set_number(m, o, "uptime_cs", id->uptime_cs);
	json_t *list = vendor_array(m);
	for (const struct firmware *f = id->firmware; f != NULL; f = f->next) {
		json_t *one = vendor_object(m);
		vendor_set(m, one, "name", vendor_text(f->name));
		vendor_set(m, one, "version", vendor_text(f->version));
		vendor_append(m, list, one);
	}
	vendor_set(m, o, "firmware", list);
	return o;
}

static json_t *meters(struct vendor *m, const struct reading *r)
{
	json_t *list = vendor_array(m);
	for (const struct meter *x = r->meters; x != NULL; x = x->next) {
		char name[LIMIT_TEXT + 16];
		json_t *o = vendor_object(m);
		struct text label = x->label;
		(void)snprintf(name, sizeof name, "vendor:%.*s", TEXT_ARG(label));
		if (x->name == METER_VENDOR && label.len <= LIMIT_TEXT)
			vendor_set_word(m, o, "name", name);
		else
			vendor_set_word(m, o, "name", meter_name_text((enum meter_name)x->name));
		vendor_set_number(m, o, "value", x->value);
		vendor_set_word(m, o, "unit", meter_unit_name(x->unit));
		vendor_set_source(m, o, x->object, x->source);
		vendor_set_word(m, o, "quality", quality_name((enum meter_quality)x->quality));
		vendor_append(m, list, o);
	}
	return list;
}

static json_t *level(struct vendor *m, const struct supply *s)
{
	enum { CLASS_RECEPTACLE = 4 };
	json_t *o = vendor_object(m);
	vendor_set_word(m, o, "kind", level_kind_name((enum level_kind)s->level_kind));
	double percent = supply_percent(s);
	if (percent >= 0) /* to a hundredth */
		vendor_set(m, o, "percent", json_real((double)(long)(percent * 100 + 0.5) / 100));
	if (s->has_level)
		vendor_set_int(m, o, "value", s->level);
	if (s->has_max)
		vendor_set_int(m, o, "max", s->max);
	vendor_set_word(m, o, "unit", supply_unit_name(s->unit));
	if (s->supply_class == CLASS_RECEPTACLE)
		vendor_set_word(m, o, "meaning", "space_left");
	return o;
}

static json_t *supplies(struct vendor *m, const struct reading *r)
{
	json_t *list = vendor_array(m);
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		json_t *o = vendor_object(m);
		vendor_set_index(m, o, s->device, s->index);
		vendor_set_word(m, o, "type", supply_type_name(s->type));
		vendor_set_word(m, o, "class", supply_class_name(s->supply_class));
		vendor_set_text(m, o, "colorant", s->colorant);
		vendor_set(m, o, "description", vendor_text(s->description));
		vendor_set_text(m, o, "part", s->part);
		vendor_set_text(m, o, "serial", s->serial);
		vendor_set(m, o, "level", level(m, s));
		if (s->source == SOURCE_IPP)
			vendor_set_word(m, o, "source", "ipp");
		vendor_append(m, list, o);
	}
	return list;
}

static json_t *alerts(struct vendor *m, const struct reading *r)
{
	json_t *list = vendor_array(m);
	for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
		char word[ALERT_CODE_NAME];
		json_t *o = vendor_object(m);
		vendor_set_index(m, o, a->device, a->index);
		vendor_set_word(m, o, "kind", alert_kind_name(a));
		vendor_set_word(m, o, "severity", alert_severity_name(a->severity));
		vendor_set_word(m, o, "training", alert_training_name(a->training));
		vendor_set_word(m, o, "group", alert_group_name(a->group));
		vendor_set_int(m, o, "group_index", a->group_index);
		vendor_set_word(m, o, "code", alert_code_name(a->code, word));
		vendor_set_int(m, o, "code_number", a->code);
		/* RFC 3805: -2 unknown; a number whose meaning is the vendor's own. */
		if (a->location > 0) {
			(void)snprintf(word, sizeof word, "%d", a->location);
			vendor_set_word(m, o, "location", word);
		}
		vendor_set(m, o, "description", vendor_text(a->description));
		if (a->time_cs > 0)
			vendor_set_number(m, o, "time_cs", a->time_cs);
		vendor_append(m, list, o);
	}
	return list;
}

static json_t *state(struct vendor *m, const struct printer_state *s)
{
	json_t *o = vendor_object(m);
	vendor_set_word(m, o, "printer", printer_status_name(s->printer_status));
	vendor_set_word(m, o, "device", device_status_name(s->device_status));
	json_t *errors = vendor_array(m);
	for (unsigned bit = 0; s->has_errors && error_bit_name(bit) != NULL; bit++) {
		if ((s->errors >> (15 - bit) & 1) != 0)
			vendor_append(m, errors, json_string(error_bit_name(bit)));
	}
	vendor_set(m, o, "errors", errors);
	vendor_set(m, o, "service_mode",
		s->service_mode == 0 ? json_null() : json_boolean(s->service_mode == 2));
	if (s->critical_events > 0)
		vendor_set_number(m, o, "critical_events", s->critical_events);
	if (s->all_events > 0)
		vendor_set_number(m, o, "all_events", s->all_events);
	vendor_set_text(m, o, "console", s->console);
	return o;
}

/* A reading that does not say comes by SNMP. */
static json_t *sources_of(struct vendor *m, unsigned sources)
{
	json_t *list = vendor_array(m);
	if ((sources & SOURCE_SNMP) != 0 || sources == 0)
		vendor_append(m, list, json_string("snmp"));
	if ((sources & SOURCE_IPP) != 0)
		vendor_append(m, list, json_string("ipp"));
	return list;
}

static json_t *groups(struct vendor *m, const struct reading *r, unsigned mask)
{
	json_t *list = vendor_array(m);
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		const struct group_info *info = &r->group[g];
		if ((mask >> g & 1) == 0)
			continue;
		json_t *o = vendor_object(m);
		vendor_set_word(m, o, "name", group_name((enum reading_group)g));
		vendor_set_word(m, o, "status", group_status_name((enum group_status)info->status));
		unsigned sources = reading_group_sources(r, info);
		if (sources != (r->sources != 0 ? r->sources : SOURCE_SNMP))
			vendor_set(m, o, "sources", sources_of(m, sources));
		if (info->asked_at_ms > 0)
			vendor_set_number(m, o, "asked_at_ms", info->asked_at_ms);
		if (info->answered_at_ms > 0)
			vendor_set_number(m, o, "answered_at_ms", info->answered_at_ms);
		vendor_append(m, list, o);
	}
	return list;
}

static void set_head(struct vendor *m, json_t *o, const struct record_head *head)
{
	vendor_set(m, o, "device_key", vendor_text(head->device_key));
	vendor_set_text(m, o, "address", head->address);
	vendor_set_number(m, o, "seq", head->seq);
	vendor_set_number(m, o, "read_at_ms", head->read_at_ms);
	vendor_set_utc(m, o, "read_at", head->read_at_ms);
	vendor_set_number(m, o, "policy", head->policy_id);
	vendor_set(m, o, "is_full", json_boolean(head->is_full));
	if (head->age_ms > 0)
		vendor_set_number(m, o, "age_ms", head->age_ms);
}

json_t *json_device(
	struct vendor *m, const struct record_head *head, const struct reading *r, unsigned mask)
{
	json_t *o = vendor_object(m);
	if (head != NULL)
		set_head(m, o, head);
	if (mask & 1u << GROUP_IDENTITY)
		vendor_set(m, o, "identity", identity(m, &r->identity));
	if (mask & 1u << GROUP_METERS)
		vendor_set(m, o, "meters", meters(m, r));
	if (mask & 1u << GROUP_SUPPLIES)
		vendor_set(m, o, "supplies", supplies(m, r));
	if (mask & 1u << GROUP_ALERTS)
		vendor_set(m, o, "alerts", alerts(m, r));
	if (mask & 1u << GROUP_STATE)
		vendor_set(m, o, "state", state(m, &r->state));
	if (mask & 1u << GROUP_OPTIONS)
		json_set_options(m, o, r);
	if (mask & 1u << GROUP_MEDIA)
		json_set_media(m, o, r);
	if (mask & 1u << GROUP_MAINTENANCE)
		json_set_maintenance(m, o, r);
	vendor_set(m, o, "sources", sources_of(m, r->sources));
	vendor_set(m, o, "groups", groups(m, r, mask));
	return o;
}
