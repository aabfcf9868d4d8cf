/* SPDX-License-Identifier: Apache-2.0
 * The YAML files of a folder: drop-ins of the configuration, model files. */
#include "engine/conf/load.h"

#include "engine/loop/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_yaml(const char *name)
{
	static const char end[] = ".yaml";
	size_t len = strlen(name);
	return name[0] != '.' && len >= sizeof end && strcmp(name + len - strlen(end), end) == 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int read_names(struct conf_folder *f, DIR *dir, const char *folder, struct conf_error *error)
{
	const struct dirent *entry;
	errno = 0;
	while ((entry = readdir(dir)) != NULL) {
		if (!is_yaml(entry->d_name))
			continue;
		if (f->count == LIMIT_MODELS)
			return conf_error_say(error, conf_in_file(folder),
				"holds more than %d files", LIMIT_MODELS);
		(void)snprintf(f->name[f->count++], sizeof f->name[0], "%s", entry->d_name);
		errno = 0;
	}
	if (errno != 0)
		return conf_error_say(
			error, conf_in_file(folder), "cannot be read: %s", err_text(-errno));
	qsort(f->name, f->count, sizeof f->name[0], compare_names);
	return 0;
}

int conf_list_folder(
	struct conf_folder *f, const char *folder, bool is_optional, struct conf_error *error)
{
	char why[LIMIT_CONF_VALUE + LIMIT_WHY];
	f->count = 0;
	int fd = file_open_trusted(folder, true, why, sizeof why);
	if (fd == -ENOENT && is_optional)
		return 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0) {
			(void)snprintf(why, sizeof why, "%s: %s", folder, err_text(-errno));
			(void)close(fd);
		}
		return conf_say_line(error, why);
	}
	int err = read_names(f, dir, folder, error);
	(void)closedir(dir); /* only read from */
	return err;
}
