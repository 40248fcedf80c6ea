using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>
/// The browser module: an entry with a fixed address, and its parts below a hash of the whole module. The files are embedded resources,
/// so a host needs no static-asset set-up, and an unpublished build works in Production.
/// </summary>
/// <remarks>
/// The entry is revalidated at every use, and its relative imports contain the hash, so an entry never runs with the parts of another
/// version. A request for an unknown hash comes from a page that loaded the entry of another version a moment ago. The response is 404 and
/// not the present part, because a page with parts of two versions would fail without a message.
/// </remarks>
internal sealed class BrowserModule
{
    private const string EntryName = "session-recovery.js";
    private const string TypesName = "session-recovery.d.ts";
    private const string PartsFolder = "session-recovery/";
    private const string JavaScriptType = "text/javascript; charset=utf-8";
    private const string Revalidate = "public, no-cache";
    private const string Immutable = "public, max-age=31536000, immutable";

    private static readonly Lazy<BrowserModule> LazyInstance = new(static () => new BrowserModule());

    private readonly ModuleFile _entry;
    private readonly ModuleFile _types;
    private readonly FrozenDictionary<string, ModuleFile> _parts;

    private BrowserModule()
    {
        var entry = ReadResource(EntryName);
        var parts = typeof(BrowserModule).Assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith(PartsFolder, StringComparison.Ordinal))
            .ToDictionary(static name => name[PartsFolder.Length..].Replace('\\', '/'), ReadResource, StringComparer.Ordinal);
        Hash = ComputeHash(entry, parts);
        var served = Encoding.UTF8.GetString(entry).Replace($"'./{PartsFolder}", $"'./{PartsFolder}{Hash}/", StringComparison.Ordinal);
        _entry = new ModuleFile(Encoding.UTF8.GetBytes(served), JavaScriptType, Revalidate);
        _types = new ModuleFile(ReadResource(TypesName), "text/plain; charset=utf-8", Revalidate);
        _parts = parts.ToFrozenDictionary(
            static part => part.Key,
            static part => new ModuleFile(part.Value, JavaScriptType, Immutable),
            StringComparer.Ordinal);
    }

    public static BrowserModule Instance => LazyInstance.Value;

    /// <summary>Gets the hash of the whole module, which is part of the address of each part.</summary>
    public string Hash { get; }

    /// <summary>Gets the entry, whose imports contain the hash.</summary>
    public IResult Entry => _entry;

    /// <summary>Gets the type declarations.</summary>
    public IResult Types => _types;

    /// <summary>Returns a part, or 404 for an unknown part or hash.</summary>
    public IResult FindPart(string hash, string? name) =>
        hash == Hash && name is not null && _parts.TryGetValue(name, out var part) ? part : ModulePartNotFound.Instance;

    private static string ComputeHash(byte[] entry, Dictionary<string, byte[]> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(SHA256.HashData(entry));
        foreach (var (name, content) in parts.OrderBy(static part => part.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(content));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static byte[] ReadResource(string name)
    {
        using var stream = typeof(BrowserModule).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The package lacks its resource '{name}'.");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
