namespace SessionRecovery.AspNetCore.KeyRing.Internal;

/// <summary>Recognizes folders whose content is lost at a restart or when a new container replaces the old one.</summary>
internal static class KeyFolder
{
    private static readonly string[] TemporaryFolders = ["/tmp", "/var/tmp", "/dev/shm", "/run"];

    /// <summary>Returns a description of the folder's location if it is a hazard, or <see langword="null"/> if it is not.</summary>
    /// <param name="path">The full path of the folder.</param>
    /// <param name="temporaryFolder">The system's temporary folder.</param>
    /// <param name="mounts">
    /// The content of <c>/proc/self/mountinfo</c> in a container; <see langword="null"/> outside of containers.
    /// </param>
    public static string? FindHazard(string path, string temporaryFolder, string? mounts)
    {
        if (TemporaryFolders.Append(temporaryFolder).Any(folder => IsWithin(path, folder)))
        {
            return $"in the temporary folder {path}";
        }

        return mounts is null ? null : FindMount(path, mounts) switch
        {
            ("/", _) => $"in {path}, which is in the container's own file system",
            (_, "tmpfs" or "ramfs") => $"in {path}, which is in memory",
            _ => null,
        };
    }

    // The fields of a line in <c>mountinfo</c> are: id, parent, device, root, mount point, options, optional fields, "-", file system type,
    // source, options.
    private static (string Point, string Type) FindMount(string path, string mounts)
    {
        var found = (Point: "/", Type: string.Empty);
        foreach (var line in mounts.Split('\n'))
        {
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-");
            if (separator < 5 || separator + 1 >= fields.Length)
            {
                continue;
            }

            var point = fields[4].Replace("\\040", " ", StringComparison.Ordinal);
            if (point.Length >= found.Point.Length && IsWithin(path, point))
            {
                found = (point, fields[separator + 1]);
            }
        }

        return found;
    }

    private static bool IsWithin(string path, string folder)
    {
        var prefix = folder.TrimEnd('/', '\\');
        return path.StartsWith(prefix, StringComparison.Ordinal)
            && (path.Length == prefix.Length || path[prefix.Length] is '/' or '\\');
    }
}
