/* SPDX-License-Identifier: Apache-2.0
 * The commands of the control socket. */
#include "tools/sim/control.h"
#include "tools/sim/truth.h"

#include "proto/smi/varbind.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* The printers that a command is about: [first, last]. */
struct target {
	size_t first, last;
};

json_t *command_error(const char *fmt, ...)
{
	char text[LIMIT_WHY];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	json_t *message = json_string(text);
	return json_pack("{s:b, s:o}", "ok", 0, "error", message == NULL ? json_null() : message);
}

int command_oid(const json_t *value, uint8_t *dst, size_t cap)
{
	struct oid o;
	const char *text = json_string_value(value);
	if (text == NULL)
		return ERR_TYPE;
	int err = oid_from_text(&o, text);
	return err < 0 ? err : oid_encode(dst, cap, &o);
}

static int read_number(const json_t *v, size_t count, size_t *ret)
{
	if (!json_is_integer(v) || json_integer_value(v) < 0 ||
		(uint64_t)json_integer_value(v) >= count)
		return ERR_RANGE;
	*ret = (size_t)json_integer_value(v);
	return 0;
}

/* "printer":N, "address":"127...", or "printers":[first, last]. */
static int read_target(const struct fleet *f, const json_t *command, struct target *t)
{
	const json_t *one = json_object_get(command, "printer");
	const json_t *some = json_object_get(command, "printers");
	const char *address = json_string_value(json_object_get(command, "address"));
	struct in_addr in;
	if (one != NULL) {
		int err = read_number(one, f->count, &t->first);
		if (err == 0)
			t->last = t->first;
		return err;
	}
	if (some != NULL) {
		if (json_array_size(some) != 2 ||
			read_number(json_array_get(some, 0), f->count, &t->first) < 0 ||
			read_number(json_array_get(some, 1), f->count, &t->last) < 0)
			return ERR_RANGE;
		return t->last < t->first ? ERR_RANGE : 0;
	}
	if (address == NULL || inet_pton(AF_INET, address, &in) != 1)
		return ERR_RANGE;
	long number = addresses_find(&f->addresses, ntohl(in.s_addr));
	t->first = t->last = (size_t)number;
	return number < 0 ? ERR_RANGE : 0;
}

static json_t *apply(struct fleet *f, struct target t, struct change *c)
{
	c->at_ms = net_clock_ms();
	for (size_t i = t.first; i <= t.last; i++) {
		struct printer *p = &f->printers[i];
		if (c->kind == CHANGE_REBOOT) {
			const uint32_t *vars = fleet_now(f, p, c->at_ms);
			c->pages = 0;
			for (unsigned b = BASIS_PRINT_MONO; b <= BASIS_FAX_MONO; b++)
				c->pages += vars[b];
		}
		if (fleet_change(f, p, c) < 0)
			return command_error("printer %zu: no room for more changes", i);
	}
	return json_pack("{s:b, s:I}", "ok", 1, "at_ms", (json_int_t)c->at_ms);
}

static json_t *do_set(struct fleet *f, struct target t, const json_t *command)
{
	uint8_t bytes[LIMIT_OID_SUBIDS * 5 + PROFILE_VALUE];
	char why[LIMIT_WHY];
	struct change c = {.kind = CHANGE_SET, .bytes = bytes};
	int oid_len = command_oid(json_object_get(command, "oid"), bytes, UINT8_MAX);
	if (oid_len < 0)
		return command_error("oid: object identifier expected");
	int len = value_from_json(command, &c.type, bytes + oid_len, why);
	if (len < 0)
		return command_error("%s", why);
	c.oid_len = (uint8_t)oid_len;
	c.len = (uint16_t)len;
	return apply(f, t, &c);
}

static json_t *do_advance(struct fleet *f, struct target t, const json_t *command)
{
	const json_t *counter = json_object_get(command, "counter");
	const json_t *pages = json_object_get(command, "pages");
	struct change c = {.kind = CHANGE_ADVANCE, .basis = BASIS_PRINT_MONO};
	if (counter != NULL) {
		const char *name = json_string_value(counter);
		while (c.basis < BASIS_COUNT &&
			(name == NULL || strcmp(basis_names[c.basis], name) != 0))
			c.basis++;
	}
	if (c.basis == BASIS_COUNT)
		return command_error(
			"counter: one of print_mono print_color copy_mono copy_color fax_mono "
			"fax_sent scan_email scan_network");
	if (!json_is_integer(pages) || json_integer_value(pages) < 1 ||
		json_integer_value(pages) > UINT32_MAX)
		return command_error("pages: number from 1 expected");
	c.pages = (uint32_t)json_integer_value(pages);
	return apply(f, t, &c);
}

static json_t *do_slow(struct fleet *f, struct target t, const json_t *command)
{
	const json_t *ms = json_object_get(command, "ms");
	if (!json_is_integer(ms) || json_integer_value(ms) < 0 || json_integer_value(ms) > 12000)
		return command_error("ms: 0 to 12000 expected");
	for (size_t i = t.first; i <= t.last; i++)
		f->printers[i].slow_ms = (uint32_t)json_integer_value(ms);
	return json_pack("{s:b}", "ok", 1);
}

static json_t *do_break(struct fleet *f, struct target t, const json_t *command)
{
	const char *how = json_string_value(json_object_get(command, "how"));
	uint8_t k = 0;
	while (k < BROKEN_COUNT && (how == NULL || strcmp(broken_names[k], how) != 0))
		k++;
	if (k == BROKEN_COUNT)
		return command_error("how: one of off garbage cut too-big gen-err wrong-id loop "
				     "twice expected");
	for (size_t i = t.first; i <= t.last; i++)
		f->printers[i].broken = k;
	return json_pack("{s:b}", "ok", 1);
}

static uint64_t read_at(const json_t *command)
{
	const json_t *at = json_object_get(command, "at_ms");
	return json_is_integer(at) && json_integer_value(at) >= 0 ? (uint64_t)json_integer_value(at)
								  : net_clock_ms();
}

static json_t *do_truth(const struct fleet *f, const struct printer *p, const json_t *command)
{
	static struct truth t;
	static struct truth_value v;
	uint8_t ber[LIMIT_OID_SUBIDS * 5];
	uint64_t at_ms = read_at(command);
	int n = command_oid(json_object_get(command, "oid"), ber, sizeof ber);
	if (n < 0)
		return command_error("oid: object identifier expected");
	truth_begin(&t, f, p);
	truth_at(&t, (struct oid_ber){ber, (size_t)n}, at_ms, &v);
	json_t *o = value_to_json(&v);
	json_object_set_new(o, "ok", json_true());
	json_object_set_new(o, "at_ms", json_integer((json_int_t)at_ms));
	return o;
}

static void add_row(void *owner, struct oid_ber ber, const struct truth_value *v)
{
	struct oid oid;
	char text[LIMIT_OID_SUBIDS * 11];
	if (oid_decode(&oid, ber) < 0)
		return;
	json_t *one = value_to_json(v);
	json_object_set_new(one, "oid", json_stringn(text, oid_to_text(text, sizeof text, &oid)));
	json_array_append_new(owner, one);
}

static json_t *do_table(const struct fleet *f, const struct printer *p, const json_t *command)
{
	static struct truth t;
	uint64_t at_ms = read_at(command);
	json_t *rows = json_array();
	truth_begin(&t, f, p);
	truth_table(&t, at_ms, add_row, rows);
	return json_pack("{s:b, s:I, s:o}", "ok", 1, "at_ms", (json_int_t)at_ms, "rows", rows);
}

static json_t *address_text(uint32_t address)
{
	char text[INET_ADDRSTRLEN] = "";
	struct in_addr in = {htonl(address)};
	return json_string(inet_ntop(AF_INET, &in, text, sizeof text) == NULL ? "" : text);
}

static json_t *do_info(const struct responder *a, const struct net *n)
{
	const struct fleet *f = a->fleet;
	json_t *silent = json_array();
	for (size_t i = 0; i < f->count; i++)
		if (f->printers[i].is_silent)
			json_array_append_new(silent, json_integer((json_int_t)i));
	return json_pack("{s:b, s:I, s:o, s:o, s:i, s:I, s:I, s:I, s:I, s:o}", "ok", 1, "printers",
		(json_int_t)f->count, "first", address_text(addresses_get(&f->addresses, 0)),
		"last", address_text(addresses_get(&f->addresses, f->count - 1)), "port",
		(int)net_port(n), "seed", (json_int_t)f->seed, "epoch_ms", (json_int_t)f->epoch_ms,
		"job_interval_ms", (json_int_t)f->job_interval_ms, "now_ms",
		(json_int_t)net_clock_ms(), "silent", silent);
}

static json_t *do_info_of(struct fleet *f, struct printer *p)
{
	fleet_renew(f, p, net_clock_ms());
	return json_pack("{s:b, s:I, s:o, s:s, s:s, s:b, s:b, s:i, s:s, s:I, s:I}", "ok", 1,
		"printer", (json_int_t)fleet_number(f, p), "address",
		address_text(addresses_get(&f->addresses, fleet_number(f, p))), "profile",
		p->profile->name, "serial", p->serial, "silent", p->is_silent, "up", p->is_up,
		"slow_ms", (int)p->slow_ms, "broken", broken_names[p->broken], "boot_ms",
		(json_int_t)p->boot_now_ms, "changes",
		(json_int_t)(p->history == NULL ? 0 : p->history->count));
}

/* All devices by number: address, second address or null, profile, serial, whether a printer. */
static json_t *do_devices(const struct fleet *f)
{
	json_t *list = json_array();
	for (size_t i = 0; i < f->count; i++) {
		const struct printer *p = &f->printers[i];
		json_t *second = i < f->addresses.second_count
					 ? address_text(f->addresses.second[i])
					 : json_null();
		json_array_append_new(
			list, json_pack("{s:o, s:o, s:s, s:s, s:b}", "address",
				      address_text(addresses_get(&f->addresses, i)), "second",
				      second, "profile", p->profile->name, "serial", p->serial,
				      "printer", i < f->count - f->others));
	}
	return json_pack("{s:b, s:o}", "ok", 1, "devices", list);
}

json_t *command_stats(const struct responder *a, const struct net *n)
{
	const struct responder_counts *c = &a->counts;
	const struct net_counts *w = net_counts(n);
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	double cpu_s = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
		       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
	const struct {
		const char *name;
		uint64_t value;
	} all[] = {{"received", w->received}, {"responses", c->responses}, {"sent", w->sent},
		{"varbinds", c->varbinds}, {"get", c->get}, {"get_next", c->get_next},
		{"get_bulk", c->get_bulk}, {"set", c->set}, {"malformed", c->malformed + w->cut},
		{"wrong_community", c->wrong_community}, {"in_context", c->in_context},
		{"never_requested", c->never_requested}, {"never_overrun", c->never_overrun},
		{"unknown_address", c->unknown_address}, {"silent", c->silent},
		{"too_big", c->too_big}, {"lost_in", w->lost_in}, {"lost_out", w->lost_out},
		{"kernel_drops", net_kernel_drops(n)}, {"send_failed", w->send_failed},
		{"waiting_full", w->waiting_full}, {"plans_made", c->plans_made}, {"v1", c->v1},
		{"v2c", c->v2c}, {"v3", c->v3}, {"v3_messages", c->v3_messages},
		{"denied", c->denied}, {"forged", w->forged}, {"received6", w->received6},
		{"first_ms", w->first_ms}, {"last_ms", w->last_ms},
		{"not_authorized", c->not_authorized}, {"other_version", c->other_version},
		{"changes", a->fleet->changes}, {"peak_rss_kib", (uint64_t)use.ru_maxrss}};
	json_t *o = json_pack("{s:b, s:f}", "ok", 1, "cpu_s", cpu_s);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		json_object_set_new(o, all[i].name, json_integer((json_int_t)all[i].value));
	json_t *reports = json_object();
	for (size_t i = 1; i < REPORTS; i++)
		json_object_set_new(
			reports, report_names[i], json_integer((json_int_t)c->report[i]));
	json_object_set_new(o, "reports", reports);
	command_traffic_sums(a->fleet, o);
	/* Unwanted losses: a measurement with drops above 0 is invalid. */
	uint64_t drops = net_kernel_drops(n) + w->send_failed + w->waiting_full;
	json_object_set_new(o, "drops", json_integer((json_int_t)drops));
	return o;
}

/* "boots" overrides the value of engineBoots after the reboot. */
static json_t *do_reboot(struct responder *a, struct target t, const json_t *command)
{
	const json_t *boots = json_object_get(command, "boots");
	struct change c = {.kind = CHANGE_REBOOT};
	json_t *response = apply(a->fleet, t, &c);
	if (boots == NULL || command_boots(a, t.first, t.last, boots) == 0)
		return response;
	json_decref(response);
	return command_error("boots: 0 to 2147483647 expected");
}

static json_t *run_on(struct responder *a, const char *cmd, struct target t, const json_t *command)
{
	struct fleet *f = a->fleet;
	struct printer *p = &f->printers[t.first];
	struct change c = {.kind = CHANGE_STOP};
	if (strcmp(cmd, "check") == 0)
		return command_check(f, p, command);
	if (strcmp(cmd, "truth") == 0)
		return do_truth(f, p, command);
	if (strcmp(cmd, "facts") == 0)
		return command_facts(f, p, command);
	if (strcmp(cmd, "held") == 0)
		return command_held(f, p, command);
	if (strcmp(cmd, "table") == 0)
		return do_table(f, p, command);
	if (strcmp(cmd, "info") == 0)
		return do_info_of(f, p);
	if (strcmp(cmd, "set") == 0)
		return do_set(f, t, command);
	if (strcmp(cmd, "advance") == 0)
		return do_advance(f, t, command);
	if (strcmp(cmd, "slow") == 0)
		return do_slow(f, t, command);
	if (strcmp(cmd, "break") == 0)
		return do_break(f, t, command);
	if (strcmp(cmd, "user") == 0)
		return command_user(a, t.first, t.last, command);
	if (strcmp(cmd, "engine") == 0)
		return command_engine(a, t.first, t.last, command);
	if (strcmp(cmd, "traffic") == 0)
		return command_traffic(f, t.first, t.last);
	if (strcmp(cmd, "fault") == 0)
		return command_fault(a, t.first, t.last, command);
	if (strcmp(cmd, "reboot") == 0)
		return do_reboot(a, t, command);
	if (strcmp(cmd, "start") == 0) {
		c.kind = CHANGE_START;
		command_restart(f, t.first, t.last);
	} else if (strcmp(cmd, "stop") != 0)
		return command_error("unknown command");
	return apply(f, t, &c);
}

json_t *command_run(struct responder *a, struct net *n, const char *line, size_t len, bool *quit)
{
	json_error_t err;
	json_t *command = json_loadb(line, len, JSON_REJECT_DUPLICATES, &err);
	if (command == NULL)
		return command_error("not JSON: %.100s, at character %d", err.text, err.position);
	const char *cmd = json_string_value(json_object_get(command, "cmd"));
	json_t *response;
	struct target t;
	if (cmd == NULL) {
		response = command_error("cmd: command name expected");
	} else if (strcmp(cmd, "quit") == 0) {
		*quit = true;
		response = json_pack("{s:b}", "ok", 1);
	} else if (strcmp(cmd, "stats") == 0) {
		response = command_stats(a, n);
	} else if (strcmp(cmd, "devices") == 0) {
		response = do_devices(a->fleet);
	} else if (strcmp(cmd, "info") == 0 && json_object_get(command, "printer") == NULL &&
		   json_object_get(command, "address") == NULL) {
		response = do_info(a, n);
	} else if (read_target(a->fleet, command, &t) < 0) {
		response = command_error(
			"printer: a number below %zu, an address of a printer, or printers: "
			"[first, last] expected",
			a->fleet->count);
	} else if (strcmp(cmd, "forge") == 0) {
		response = command_forge(a, n, t.first, command);
	} else {
		response = run_on(a, cmd, t, command);
	}
	json_decref(command);
	return response;
}
