/* SPDX-License-Identifier: Apache-2.0
 * The ranges of `platen discover`: the command line, discovery.targets, a CSV file. */
#include "engine/agent/discover.h"

#include "proto/base/grow.h"
#include "proto/base/log.h"
#include "proto/base/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int discover_add_range(struct discover_ranges *r, const struct conf_range *addresses, uint16_t port,
	bool allows_v1)
{
	struct scan_range *list = grow_by_one(r->list, r->count, &r->cap, sizeof list[0]);
	if (list == NULL)
		return -ENOMEM;
	r->list = list;
	r->list[r->count++] = (struct scan_range){.addresses = *addresses,
		.port = addresses->port != 0 ? addresses->port : port,
		.allows_v1 = allows_v1};
	return 0;
}

static int add_text(struct discover_ranges *r, const char *text, uint16_t port, bool allows_v1)
{
	struct conf_range addresses;
	char why[LIMIT_WHY], shown[LIMIT_WHY];
	int err = conf_range_parse(&addresses, text, why, sizeof why);
	if (err < 0) {
		(void)str_quote(shown, sizeof shown, text, strlen(text));
		(void)fprintf(stderr, "platen: %s %s\n", shown, why);
		return ERR_USAGE;
	}
	return discover_add_range(r, &addresses, port, allows_v1);
}

struct import {
	struct discover_ranges *ranges;
	const struct discover_options *options;
};

static int on_row(void *owner, const struct conf_range *range, uint16_t port)
{
	const struct import *i = owner;
	return discover_add_range(i->ranges, range, port, i->options->allows_v1);
}

static int add_csv(struct discover_ranges *r, const struct discover_options *o)
{
	struct import import = {.ranges = r, .options = o};
	struct conf_error why;
	int err = conf_each_csv_range(cli_value(o->cli, "import"), o->port, on_row, &import, &why);
	if (err == ERR_CONF)
		cli_error(o->cli, "%s", why.text);
	return err;
}

static int add_targets(struct discover_ranges *r, const struct agent_conf *conf)
{
	const struct conf_discovery_target *t = conf->discovery_targets;
	int err = 0;
	for (; t != NULL && err == 0; t = (const struct conf_discovery_target *)t->item.next)
		err = add_text(r, t->range, t->port, t->is_v1_asked);
	return err;
}

int discover_read_ranges(struct discover_ranges *r, const struct discover_options *o)
{
	int err = 0;
	*r = (struct discover_ranges){.list = NULL};
	for (size_t i = 0; i < o->cli->arg_count && err == 0; i++)
		err = add_text(r, o->cli->args[i], o->port, o->allows_v1);
	if (err == 0 && cli_value(o->cli, "import") != NULL)
		err = add_csv(r, o);
	if (err == 0 && o->cli->arg_count == 0 && cli_value(o->cli, "import") == NULL &&
		o->conf != NULL)
		err = add_targets(r, o->conf);
	return err;
}
