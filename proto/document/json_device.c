/* SPDX-License-Identifier: Apache-2.0
 * One device, as docs/json.md has it. */
#include "proto/document/json.h"
#include "proto/document/json_internal.h"

#include <stdio.h>

/* Records of minor 0 have an identity without a reason: "why" is then left out. */
static bool says_why(const struct identity *id)
{
	bool is_blank = !id->is_printer && id->vendor.len == 0 && id->sys_descr.len == 0;
	return id->why != WHY_NOTHING || is_blank;
}

static void identity(struct writer *w, const struct identity *id)
{
	jw_object(w, "identity");
	jw_bool(w, "is_printer", id->is_printer);
	if (says_why(id)) {
		jw_str(w, "why", identity_why_name((enum identity_why)id->why));
		jw_decimal(w, "confidence", (double)id->confidence / 100, 2);
	}
	jw_text(w, "vendor", id->vendor);
	jw_text(w, "model", id->model);
	jw_text(w, "serial", id->serial);
	jw_text_if(w, "sys_descr", id->sys_descr);
	jw_text_if(w, "sys_object_id", id->sys_object_id);
	jw_text_if(w, "mac", id->mac);
	jw_text_if(w, "name", id->name);
	jw_text_if(w, "location", id->location);
	jw_text_if(w, "contact", id->contact);
	jw_text_if(w, "asset", id->asset);
	jw_text_if(w, "device_id", id->device_id);
	if (id->uptime_cs > 0)
		jw_uint(w, "uptime_cs", id->uptime_cs);
	jw_array(w, "firmware");
	for (const struct firmware *f = id->firmware; f != NULL; f = f->next) {
		jw_object(w, NULL);
		jw_text(w, "name", f->name);
		jw_text(w, "version", f->version);
		jw_end(w);
	}
	jw_end(w);
	jw_end(w);
}

static void sum_parts(struct writer *w, const struct meter *m)
{
	char part[READING_SOURCE] = "";
	size_t at = 0;
	jw_array(w, "sum_of");
	while (reading_next_part(m->parts, &at, part))
		jw_str(w, NULL, part);
	jw_end(w);
}

static void meters(struct writer *w, const struct reading *r)
{
	jw_array(w, "meters");
	for (const struct meter *x = r->meters; x != NULL; x = x->next) {
		char name[LIMIT_TEXT + 16];
		jw_object(w, NULL);
		struct text label = x->label;
		(void)snprintf(name, sizeof name, "vendor:%.*s", TEXT_ARG(label));
		if (x->name == METER_VENDOR && label.len <= LIMIT_TEXT)
			jw_str(w, "name", name);
		else
			jw_str(w, "name", meter_name_text((enum meter_name)x->name));
		jw_uint(w, "value", x->value);
		jw_str(w, "unit", meter_unit_name(x->unit));
		json_source(w, x->object, x->source);
		if (x->parts.len > 0)
			sum_parts(w, x);
		jw_str(w, "quality", quality_name((enum meter_quality)x->quality));
		jw_end(w);
	}
	jw_end(w);
}

static void level(struct writer *w, const struct supply *s)
{
	jw_object(w, "level");
	jw_str(w, "kind", level_kind_name((enum level_kind)s->level_kind));
	double percent = supply_percent(s);
	if (percent >= 0)
		jw_decimal(w, "percent", percent, 2);
	if (s->has_level)
		jw_int(w, "value", s->level);
	if (s->has_max)
		jw_int(w, "max", s->max);
	jw_str(w, "unit", supply_unit_name(s->unit));
	if (supply_is_receptacle(s))
		jw_str(w, "meaning", supply_direction_name((enum supply_direction)s->direction));
	jw_end(w);
}

static void supplies(struct writer *w, const struct reading *r)
{
	jw_array(w, "supplies");
	for (const struct supply *s = r->supplies; s != NULL; s = s->next) {
		jw_object(w, NULL);
		json_index(w, s->device, s->index);
		jw_str(w, "type", supply_type_name(s->type));
		jw_str(w, "class", supply_class_name(s->supply_class));
		jw_text_if(w, "colorant", s->colorant);
		jw_text(w, "description", s->description);
		jw_text_if(w, "part", s->part);
		jw_text_if(w, "serial", s->serial);
		level(w, s);
		json_source(w, s->object, s->level_source);
		if (s->source == SOURCE_IPP)
			jw_str(w, "source", "ipp");
		jw_end(w);
	}
	jw_end(w);
}

void json_alert_members(struct writer *w, const struct alert *a)
{
	char code[ALERT_CODE_NAME];
	jw_str(w, "kind", alert_kind_name(a));
	jw_str(w, "severity", alert_severity_name(a->severity));
	jw_str(w, "training", alert_training_name(a->training));
	jw_str(w, "group", alert_group_name(a->group));
	jw_int(w, "group_index", a->group_index);
	jw_str(w, "code", alert_code_name(a->code, code));
	jw_int(w, "code_number", a->code);
}

static void alerts(struct writer *w, const struct reading *r)
{
	jw_array(w, "alerts");
	for (const struct alert *a = r->alerts; a != NULL; a = a->next) {
		char word[16];
		jw_object(w, NULL);
		json_index(w, a->device, a->index);
		json_alert_members(w, a);
		/* RFC 3805: -2 unknown; a number whose meaning is the vendor's own. */
		if (a->location > 0) {
			(void)snprintf(word, sizeof word, "%d", a->location);
			jw_str(w, "location", word);
		}
		jw_text(w, "description", a->description);
		if (a->time_cs > 0)
			jw_uint(w, "time_cs", a->time_cs);
		jw_end(w);
	}
	jw_end(w);
}

static void state(struct writer *w, const struct printer_state *s)
{
	jw_object(w, "state");
	jw_str(w, "printer", printer_status_name(s->printer_status));
	jw_str(w, "device", device_status_name(s->device_status));
	jw_array(w, "errors");
	for (unsigned bit = 0; s->has_errors && error_bit_name(bit) != NULL; bit++) {
		if ((s->errors >> (15 - bit) & 1) != 0)
			jw_str(w, NULL, error_bit_name(bit));
	}
	jw_end(w);
	if (s->service_mode == 0)
		jw_null(w, "service_mode");
	else
		jw_bool(w, "service_mode", s->service_mode == 2);
	if (s->critical_events > 0)
		jw_uint(w, "critical_events", s->critical_events);
	if (s->all_events > 0)
		jw_uint(w, "all_events", s->all_events);
	jw_text_if(w, "console", s->console);
	jw_end(w);
}

/* A reading without sources was read by SNMP. */
static void sources_of(struct writer *w, unsigned sources)
{
	jw_array(w, "sources");
	if ((sources & SOURCE_SNMP) != 0 || sources == 0)
		jw_str(w, NULL, "snmp");
	if ((sources & SOURCE_IPP) != 0)
		jw_str(w, NULL, "ipp");
	jw_end(w);
}

static void groups(struct writer *w, const struct reading *r, unsigned mask)
{
	jw_array(w, "groups");
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		const struct group_info *info = &r->group[g];
		if ((mask >> g & 1) == 0)
			continue;
		jw_object(w, NULL);
		jw_str(w, "name", group_name((enum reading_group)g));
		jw_str(w, "status", group_status_name((enum group_status)info->status));
		unsigned sources = reading_group_sources(r, info);
		if (sources != (r->sources != 0 ? r->sources : SOURCE_SNMP))
			sources_of(w, sources);
		if (info->requested_at_ms > 0)
			jw_uint(w, "requested_at_ms", info->requested_at_ms);
		if (info->responded_at_ms > 0)
			jw_uint(w, "received_at_ms", info->responded_at_ms);
		if (info->before_at_ms > 0)
			jw_uint(w, "before_at_ms", info->before_at_ms);
		jw_end(w);
	}
	jw_end(w);
}

static void put_head(struct writer *w, const struct record_head *head)
{
	jw_text(w, "device_key", head->device_key);
	jw_text_if(w, "address", head->address);
	jw_uint(w, "seq", head->seq);
	jw_uint(w, "read_at_ms", head->read_at_ms);
	jw_utc(w, "read_at", head->read_at_ms);
	jw_uint(w, "policy", head->policy_id);
	jw_bool(w, "is_full", head->is_full);
	if (head->age_ms > 0)
		jw_uint(w, "age_ms", head->age_ms);
}

void json_device_members(
	struct writer *w, const struct record_head *head, const struct reading *r, unsigned mask)
{
	if (head != NULL)
		put_head(w, head);
	if (mask & 1u << GROUP_IDENTITY)
		identity(w, &r->identity);
	if (mask & 1u << GROUP_METERS)
		meters(w, r);
	if (mask & 1u << GROUP_SUPPLIES)
		supplies(w, r);
	if (mask & 1u << GROUP_ALERTS)
		alerts(w, r);
	if (mask & 1u << GROUP_STATE)
		state(w, &r->state);
	if (mask & 1u << GROUP_OPTIONS)
		json_options(w, r);
	if (mask & 1u << GROUP_MEDIA)
		json_media(w, r);
	if (mask & 1u << GROUP_MAINTENANCE)
		json_maintenance(w, r);
	sources_of(w, r->sources);
	groups(w, r, mask);
}

void json_device(struct writer *w, const char *key, const struct record_head *head,
	const struct reading *r, unsigned mask)
{
	jw_object(w, key);
	json_device_members(w, head, r, mask);
	jw_end(w);
}
