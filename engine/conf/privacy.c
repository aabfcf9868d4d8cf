/* SPDX-License-Identifier: Apache-2.0
 * The section privacy, and the file with the names of fields that are never sent. */
#include "engine/conf/load.h"
#include "engine/conf/table_internal.h"
#include "proto/reading/reading.h"

#include <stdio.h>
#include <string.h>

/* The destination of the policy file. */
struct policy_file {
	struct policy policy;
};

static const struct conf_key policy_keys[] = {
	{.path = "leave_out",
		.type = CONF_FIELDS,
		.offset = offsetof(struct policy_file, policy),
		.sample = "identity.serial, alerts",
		.help = "Fields of docs/what-leaves.md that are never sent, by name; the name of a "
			"part stands for all its fields."},
};

const struct conf_table conf_policy_table = {
	.title = "privacy policy",
	.file = "/etc/platen/policy.yaml",
	.folder = "",
	.keys = policy_keys,
	.count = COUNT_OF(policy_keys),
};

bool conf_field_leave_out(struct policy *p, struct text name, char *why, size_t why_cap)
{
	char near[64];
	int err = policy_leave_out(p, name);
	if (err == 0)
		return true;
	const char *hint = err == ERR_NAME ? policy_nearest(name, near) : NULL;
	(void)snprintf(why, why_cap, "%s \"%.*s\"%s%s%s",
		err == ERR_NAME ? "there is no field" : "the protocol needs", TEXT_ARG(name),
		hint != NULL ? "; did you mean \"" : "", hint != NULL ? hint : "",
		hint != NULL ? "\"?" : "");
	return false;
}

static void read_policy_file(struct conf_load *l, struct agent_conf *c)
{
	struct conf_load file = {.file = l->file,
		.dir_len = l->dir_len,
		.current = c->policy_file,
		.table = &conf_policy_table,
		.memory = l->memory,
		.error = l->error};
	struct policy_file read = {.policy = c->policy};
	struct buf bytes;
	if (conf_read_file(&bytes, c->policy_file, LIMIT_CONF_BYTES, l->error) < 0)
		return;
	/* Messages are in l->error. */
	if (conf_yaml_read(&file, &read, bytes.data, bytes.len) == 0)
		c->policy = read.policy;
	buf_close(&bytes);
}

void conf_check_privacy(struct conf_load *l, struct agent_conf *c)
{
	policy_open(&c->policy);
	policy_opt_in(&c->policy, (c->sends_name ? OPTIONAL_NAME : 0u) |
					  (c->sends_location ? OPTIONAL_LOCATION : 0u) |
					  (c->sends_contact ? OPTIONAL_CONTACT : 0u) |
					  (c->sends_asset ? OPTIONAL_ASSET : 0u));
	if (!c->has_meters)
		policy_leave_out_class(&c->policy, DATA_METERS);
	if (!c->has_supplies)
		policy_leave_out_class(&c->policy, DATA_SUPPLIES);
	if (!c->has_diagnostics)
		policy_leave_out_class(&c->policy, DATA_DIAGNOSTICS);
	if (c->is_corporate)
		policy_set_corporate(&c->policy);
	if (c->policy_file != NULL)
		read_policy_file(l, c);
	policy_close(&c->policy);
}
