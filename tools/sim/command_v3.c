/* SPDX-License-Identifier: Apache-2.0
 * Commands about SNMPv3 and faults: "user", "engine", "reboot" with boots, "fault". */
#include "tools/sim/control.h"
#include "tools/sim/faults.h"

#include "proto/base/str.h"

#include <string.h>

static json_t *done(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static const char *text_in(const json_t *command, const char *key)
{
	return json_string_value(json_object_get(command, key));
}

json_t *command_user(struct responder *a, size_t first, size_t last, const json_t *command)
{
	char why[LIMIT_WHY];
	struct user_text t = {text_in(command, "user"), text_in(command, "auth"),
		text_in(command, "auth_password"), text_in(command, "priv"),
		text_in(command, "priv_password"), text_in(command, "level")};
	if (t.priv == NULL)
		t.priv = "none";
	if (t.auth == NULL)
		t.auth = "none";
	return users_add(&a->users, &t, (uint32_t)first, (uint32_t)last, why) < 0
		       ? command_error("%s", why)
		       : done();
}

/* An integer from `least` to INT32_MAX. 0 or ERR_RANGE. */
static int read_integer(const json_t *v, int64_t least, int64_t *ret)
{
	if (!json_is_integer(v) || json_integer_value(v) < least ||
		json_integer_value(v) > INT32_MAX)
		return ERR_RANGE;
	*ret = json_integer_value(v);
	return 0;
}

static void set_boots(struct responder *a, struct printer *p, int64_t boots)
{
	const uint32_t *vars = fleet_now(a->fleet, p, net_clock_ms());
	p->engine.boots_shift = boots - (int64_t)vars[VAR_BOOTS];
}

int command_boots(struct responder *a, size_t first, size_t last, const json_t *boots)
{
	int64_t n;
	int err = read_integer(boots, 0, &n);
	for (size_t i = first; err == 0 && i <= last; i++)
		set_boots(a, &a->fleet->printers[i], n);
	return err;
}

static int read_level(const char *text)
{
	for (int i = 0; text != NULL && i < 3; i++)
		if (strcmp(level_names[i], text) == 0)
			return i + 1;
	return text != NULL && strcmp(text, "as-requested") == 0 ? 0 : ERR_RANGE;
}

json_t *command_engine(struct responder *a, size_t first, size_t last, const json_t *command)
{
	const json_t *boots = json_object_get(command, "boots");
	const json_t *jump = json_object_get(command, "jump_s");
	const char *id = text_in(command, "id"), *level = text_in(command, "response_level");
	uint8_t bytes[ENGINE_ID];
	int64_t jump_s = 0;
	int len = id == NULL ? 0 : str_unhex(bytes, sizeof bytes, id, strlen(id));
	int response_level = level == NULL ? 0 : read_level(level);
	if (id != NULL && len < 5)
		return command_error("id: 5 to 32 bytes in hexadecimal expected");
	if (response_level < 0)
		return command_error("response_level: noauth, auth, priv or as-requested expected");
	if (jump != NULL && read_integer(jump, -INT32_MAX, &jump_s) < 0)
		return command_error("jump_s: number of seconds expected");
	if (boots != NULL && command_boots(a, first, last, boots) < 0)
		return command_error("boots: 0 to 2147483647 expected");
	for (size_t i = first; i <= last; i++) {
		struct engine *e = &a->fleet->printers[i].engine;
		e->time_shift_s += jump_s;
		if (level != NULL)
			e->response_level = (uint8_t)response_level;
		if (id != NULL) {
			memcpy(e->id, bytes, (size_t)len);
			e->len = (uint8_t)len;
		}
	}
	if (id != NULL)
		users_forget(&a->users);
	return command_engine_of(a, first);
}

json_t *command_engine_of(struct responder *a, size_t number)
{
	struct printer *p = &a->fleet->printers[number];
	uint64_t now_ms = net_clock_ms();
	const uint32_t *vars = fleet_now(a->fleet, p, now_ms);
	char id[2 * ENGINE_ID + 1];
	str_hex(id, p->engine.id, p->engine.len);
	return json_pack("{s:b, s:s, s:I, s:I}", "ok", 1, "id", id, "boots",
		(json_int_t)engine_boots(p, vars), "time",
		(json_int_t)engine_time(p, now_ms, p->boot_now_ms));
}

json_t *command_fault(struct responder *a, size_t first, size_t last, const json_t *command)
{
	const char *name = text_in(command, "name");
	const json_t *value = json_object_get(command, "value");
	enum fault t = name == NULL ? FAULTS : fault_find(name, strlen(name));
	int64_t n = 1;
	if (t == FAULTS)
		return command_error("name: fault of docs/sim.md expected");
	if (value != NULL && read_integer(value, 0, &n) < 0)
		return command_error("value: number expected; 0 removes the fault");
	for (size_t i = first; i <= last; i++)
		if (fault_set(&a->fleet->printers[i], t, (uint32_t)n) < 0)
			return command_error("out of memory");
	return done();
}
