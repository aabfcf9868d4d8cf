/* SPDX-License-Identifier: Apache-2.0
 * The command "traffic": the traffic record of each device, and their sums for "stats". */
#include "tools/sim/control.h"

#include "proto/base/str.h"

static json_t *number(uint64_t v)
{
	return json_integer((json_int_t)v);
}

static json_t *one(const struct fleet *f, size_t i)
{
	const struct traffic *l = &f->traffic[i];
	const struct {
		const char *name;
		uint64_t value;
	} all[] = {{"printer", i}, {"received", l->received}, {"bytes_in", l->bytes_in},
		{"responses", l->responses}, {"bytes_out", l->bytes_out}, {"resent", l->resent},
		{"get", l->get}, {"get_next", l->get_next}, {"get_bulk", l->get_bulk},
		{"set", l->set}, {"v1", l->v1}, {"v2c", l->v2c}, {"v3", l->v3},
		{"reports", l->reports}, {"refused", l->refused},
		{"in_flight_peak", l->in_flight_peak}, {"per_second_peak", l->per_second_peak},
		{"largest", l->largest}, {"largest_before_response", l->largest_before},
		{"varbinds_peak", l->varbinds_peak}, {"crashes", l->crashes},
		{"fatal_repeated", l->fatal_repeated}, {"fatal_resent", l->fatal_resent}};
	json_t *o = json_object();
	for (size_t k = 0; k < sizeof all / sizeof all[0]; k++)
		json_object_set_new(o, all[k].name, number(all[k].value));
	bool has_gap = l->received > 1;
	json_object_set_new(o, "min_gap_ms", has_gap ? number(l->min_gap_ms) : json_null());
	json_object_set_new(o, "crashed", json_boolean(l->is_crashed));
	json_object_set_new(o, "crash_cause",
		l->crashes == 0 ? json_null() : json_string(crash_cause_names[l->crash_cause]));
	if (l->fatal_bytes != NULL) {
		char hex[2 * TRAFFIC_REQUEST_MAX + 1];
		str_hex(hex, l->fatal_bytes, l->fatal_len);
		json_object_set_new(o, "fatal_request", json_string(hex));
	}
	return o;
}

json_t *command_traffic(const struct fleet *f, size_t first, size_t last)
{
	json_t *list = json_array();
	for (size_t i = first; i <= last; i++)
		json_array_append_new(list, one(f, i));
	return json_pack("{s:b, s:o}", "ok", 1, "traffic", list);
}

static void most(uint64_t *peak, uint64_t value)
{
	if (value > *peak)
		*peak = value;
}

void command_traffic_sums(const struct fleet *f, json_t *stats)
{
	uint64_t resent = 0, crashes = 0, again = 0, asked = 0, in_flight = 0, rate = 0, before = 0;
	for (size_t i = 0; i < f->count; i++) {
		const struct traffic *l = &f->traffic[i];
		resent += l->resent;
		crashes += l->crashes;
		again += l->fatal_repeated;
		asked += l->received > 0;
		most(&in_flight, l->in_flight_peak);
		most(&rate, l->per_second_peak);
		most(&before, l->largest_before);
	}
	json_object_set_new(stats, "devices_contacted", number(asked));
	json_object_set_new(stats, "resent", number(resent));
	json_object_set_new(stats, "crashes", number(crashes));
	json_object_set_new(stats, "fatal_repeated", number(again));
	json_object_set_new(stats, "in_flight_peak", number(in_flight));
	json_object_set_new(stats, "per_second_peak", number(rate));
	json_object_set_new(stats, "largest_before_response", number(before));
}

void command_restart(struct fleet *f, size_t first, size_t last)
{
	for (size_t i = first; i <= last; i++)
		f->traffic[i].is_crashed = false;
}
