using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>
/// Serves the files of the browser module. The entry file has a fixed URL, and the URLs of all other files contain a hash of the whole
/// module. The files are embedded resources, so that a host needs no configuration for static assets.
/// </summary>
/// <remarks>
/// A browser revalidates the entry file at every use. The imports in the entry file contain the hash, so that the entry file never loads
/// files of another version. A request with an unknown hash comes from a page that has just loaded another version of the entry file. Such
/// a request receives a 404 response, because a page that mixes files of two versions would fail without an error message.
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

    /// <summary>Gets the hash of the whole module, which is part of the URLs of all files except the entry file.</summary>
    public string Hash { get; }

    /// <summary>Gets the response with the entry file. The imports in this file contain the hash.</summary>
    public IResult Entry => _entry;

    /// <summary>Gets the response with the type declarations.</summary>
    public IResult Types => _types;

    /// <summary>Returns the response with a file of the module, or a 404 response if the file or the hash is unknown.</summary>
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
