using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SessionRecovery.Supabase.AspNetCore.SigningKeys.Internal;

/// <summary>
/// Stores the public signing keys, so that they survive a restart. If the host has a distributed cache, the signing keys are stored in this
/// cache. If the host has no distributed cache, they are stored in a file next to the Data Protection keys. If the Data Protection keys are
/// not in files, the signing keys are stored in the default folder of Data Protection. The stored keys are protected by Data
/// Protection, so that an attacker cannot add a key. A failure or a timeout is logged and has no other effect.
/// </summary>
internal sealed class SigningKeyPersistence
{
    private readonly string _cacheKey;
    private readonly IDataProtector _protector;
    private readonly IDistributedCache? _cache;
    private readonly string? _path;
    private readonly ILogger<SigningKeyPersistence> _logger;

    public SigningKeyPersistence(
        IDataProtectionProvider protection,
        IOptions<KeyManagementOptions> keyManagement,
        IOptions<DataProtectionOptions> application,
        IOptions<SupabaseAuthenticationOptions> options,
        ILogger<SigningKeyPersistence> logger,
        IDistributedCache? cache = null)
    {
        _protector = protection.CreateProtector("SessionRecovery.Supabase.SigningKeys.v1", options.Value.Url);

        // The name under which the keys are stored is derived from the application and the project. Several applications may share a cache
        // or a folder, but an application cannot read data that another application has protected.
        var name = Digest($"{application.Value.ApplicationDiscriminator}\0{options.Value.Url}");
        _cacheKey = $"session-recovery:supabase-signing-keys:v1:{name}";

        // An in-memory cache is not used, because its content is lost when the process ends.
        _cache = cache is MemoryDistributedCache ? null : cache;

        var fileName = $"supabase-signing-keys-{name[..32]}.sealed";
        _path = (keyManagement.Value.XmlRepository is FileSystemXmlRepository files
            ? files.Directory
            : FileSystemXmlRepository.DefaultKeyStorageDirectory)?.FullName is { } folder ? Path.Combine(folder, fileName) : null;
        _logger = logger;
    }

    public async Task<SigningKeySet?> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stored = _cache is not null
                ? await _cache.GetAsync(_cacheKey, cancellationToken).ConfigureAwait(false)
                : File.Exists(_path) ? await File.ReadAllBytesAsync(_path, cancellationToken).ConfigureAwait(false) : null;
            return stored is null ? null : Read(Encoding.UTF8.GetString(_protector.Unprotect(stored)));
        }
        catch (Exception exception)
        {
            _logger.StoredKeysUnreadable(exception);
            return null;
        }
    }

    public async Task SaveAsync(SigningKeySet keys, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        try
        {
            var confirmedAt = keys.ConfirmedAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            var protectedKeys = _protector.Protect(Encoding.UTF8.GetBytes($"{confirmedAt}\n{keys.Json}"));
            if (_cache is not null)
            {
                var entry = new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = lifetime };
                await _cache.SetAsync(_cacheKey, protectedKeys, entry, cancellationToken).ConfigureAwait(false);
            }
            else if (_path is not null)
            {
                await WriteAsync(_path, protectedKeys, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            _logger.KeysNotStored(exception);
        }
    }

    private static SigningKeySet? Read(string text) =>
        text.Split('\n', 2) is [var time, var json]
            && long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var confirmedAt)
            ? SigningKeySet.TryParse(json, DateTimeOffset.FromUnixTimeMilliseconds(confirmedAt))
            : throw new CryptographicException("The stored keys have no time.");

    private static async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            await File.WriteAllBytesAsync(temporary, content, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
