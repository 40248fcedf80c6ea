using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>
/// Represents a file of the browser module in one content encoding. The ETag is a hash of the encoded bytes, because HTTP requires a
/// separate ETag for each encoding.
/// </summary>
internal sealed class ModuleEncoding(string? name, byte[] content)
{
    /// <summary>Gets the name of the content encoding, or <see langword="null"/> if the file is not encoded.</summary>
    public string? Name { get; } = name;

    public byte[] Content { get; } = content;

    public EntityTagHeaderValue EntityTag { get; } = new($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\"");

    public static ModuleEncoding Compress(string name, byte[] content, Func<Stream, Stream> createCompressor)
    {
        using var output = new MemoryStream();
        using (var compressor = createCompressor(output))
        {
            compressor.Write(content);
        }

        return new ModuleEncoding(name, output.ToArray());
    }
}
