/* SPDX-License-Identifier: Apache-2.0
 * The ranges of `platen discover`: the command line, discovery.targets, a CSV file. */
#include "engine/agent/discover.h"

#include "engine/conf/csv.h"
#include "proto/base/log.h"
#include "engine/loop/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int discover_add_range(struct discover_ranges *r, const struct conf_range *addresses, uint16_t port,
	bool allows_v1)
{
	if (r->count == r->cap) {
		size_t cap = r->cap > 0 ? 2 * r->cap : 64;
		struct scan_range *list = realloc(r->list, cap * sizeof list[0]);
		if (list == NULL)
			return -ENOMEM;
		r->list = list;
		r->cap = cap;
	}
	r->list[r->count++] =
		(struct scan_range){.addresses = *addresses, .port = port, .allows_v1 = allows_v1};
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

/* ---- CSV -------------------------------------------------------------------------------- */

struct columns {
	size_t address, port; /* SIZE_MAX: none */
};

static void find_columns(struct columns *c, const struct csv_row *row)
{
	*c = (struct columns){SIZE_MAX, SIZE_MAX};
	for (size_t i = 0; i < row->cells; i++) {
		if (text_is(row->cell[i], "address"))
			c->address = i;
		else if (text_is(row->cell[i], "port"))
			c->port = i;
	}
}

static bool cell_text(const struct csv_row *row, size_t at, char *dst, size_t cap)
{
	dst[0] = '\0';
	if (at >= row->cells || row->cell[at].len >= cap)
		return at == SIZE_MAX;
	memcpy(dst, row->cell[at].p, row->cell[at].len);
	dst[row->cell[at].len] = '\0';
	return true;
}

static int refuse(const char *path, unsigned line, const char *why)
{
	(void)fprintf(stderr, "platen: %s:%u: %s\n", path, line, why);
	return ERR_CONF;
}

static int add_row(struct discover_ranges *r, const struct discover_options *o,
	const struct columns *c, const struct csv_row *row)
{
	char address[LIMIT_ADDRESS], port_text[8], why[LIMIT_WHY];
	struct conf_range addresses;
	uint64_t port = o->port;
	if (!cell_text(row, c->address, address, sizeof address) ||
		!cell_text(row, c->port, port_text, sizeof port_text))
		return refuse(
			cli_value(o->cli, "import"), row->line, "a cell is missing, or too long");
	if (port_text[0] != '\0' && str_to_u64(port_text, 1, 65535, &port) < 0)
		return refuse(cli_value(o->cli, "import"), row->line, "\"port\" takes 1 to 65535");
	if (conf_range_parse(&addresses, address, why, sizeof why) < 0) {
		char message[LIMIT_WHY + 32];
		(void)snprintf(message, sizeof message, "\"address\" %s", why);
		return refuse(cli_value(o->cli, "import"), row->line, message);
	}
	return discover_add_range(r, &addresses, (uint16_t)port, o->allows_v1);
}

static int add_rows(struct discover_ranges *r, const struct discover_options *o, struct buf *bytes)
{
	struct csv csv;
	struct csv_row row = {.line = 1};
	struct columns columns = {SIZE_MAX, SIZE_MAX};
	const char *why = "";
	bool is_header = true;
	csv_open(&csv, (char *)bytes->data, bytes->len);
	for (;;) {
		int err = csv_next(&csv, &row, &why);
		if (err < 0)
			return refuse(cli_value(o->cli, "import"), row.line, why);
		if (err == 0)
			return is_header ? refuse(cli_value(o->cli, "import"), 1, "is empty") : 0;
		if (is_header) {
			find_columns(&columns, &row);
			if (columns.address == SIZE_MAX)
				return refuse(cli_value(o->cli, "import"), row.line,
					"the first row must name the columns, one of them "
					"\"address\"");
		} else {
			err = add_row(r, o, &columns, &row);
		}
		if (err < 0)
			return err;
		is_header = false;
	}
}

static int add_csv(struct discover_ranges *r, const struct discover_options *o)
{
	struct buf bytes;
	buf_open(&bytes, LIMIT_CONF_CSV_BYTES);
	int fd = open(cli_value(o->cli, "import"), O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? -errno : file_read(&bytes, fd);
	if (fd >= 0)
		(void)close(fd);
	if (err < 0)
		(void)fprintf(
			stderr, "platen: %s: %s\n", cli_value(o->cli, "import"), err_text(err));
	else
		err = add_rows(r, o, &bytes);
	buf_close(&bytes);
	return err;
}

/* ---- all -------------------------------------------------------------------------------- */

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
