using System.Security.Cryptography;

namespace SupabaseStandIn.Storage;

/// <summary>
/// Stores the content of objects, with one file for each version of an object. A file is written under a temporary name and then renamed,
/// so that a crash leaves no partial content.
/// </summary>
internal sealed class BlobFolder(string folder)
{
    public string GetPath(string version) => Path.Combine(folder, version);

    /// <summary>Stores content as a new version.</summary>
    /// <returns>The version, the size and the MD5 hash, which is the ETag of the object.</returns>
    /// <exception cref="StorageError">The content exceeds the limit.</exception>
    public async Task<(string Version, long Size, string Tag)> SaveAsync(Stream content, long? limit, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var version = Guid.NewGuid().ToString();
        var temporary = GetPath(version) + ".part";
        try
        {
            var size = 0L;
#pragma warning disable CA5351 // MD5 is used because the file backend of Storage also uses MD5 for ETags.
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
            await using (var file = File.Create(temporary))
            {
                var buffer = new byte[64 * 1024];
                for (int count; (count = await content.ReadAsync(buffer, cancellationToken)) > 0;)
                {
                    size += count;
                    if (size > limit)
                    {
                        throw StorageError.TooLarge();
                    }

                    hash.AppendData(buffer, 0, count);
                    await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, GetPath(version));
            return (version, size, $"\"{Convert.ToHexStringLower(hash.GetHashAndReset())}\"");
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public void Delete(string version)
    {
        if (version.Length > 0)
        {
            File.Delete(GetPath(version));
        }
    }
}
