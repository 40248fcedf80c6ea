using System.IO.Compression;
using System.Net;
using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using NUnit.Framework;
using SessionRecovery.AspNetCore.Tests.Hosting;

namespace SessionRecovery.AspNetCore.Tests.Browser;

/// <summary>Tests the endpoints that serve the files of the browser module, with their encodings and caching.</summary>
[TestFixture]
internal sealed partial class BrowserModuleTests
{
    private const string Entry = "/session/session-recovery.js";

    private TemporaryFolder _folder = null!;
    private TestHost _host = null!;
    private HttpClient _client = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _folder = new TemporaryFolder();
        _host = await TestHost.StartAsync(_folder, mapOurs: app =>
        {
            app.MapSessionRecovery();
            app.MapGroup("/inner").MapSessionRecoveryBrowserModule("/assets");
        });
        _client = _host.Anonymous();
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task The_entry_is_anonymous_for_any_origin_and_revalidated()
    {
        using var response = await _client.GetAsync(Entry);
        var body = await response.Content.ReadAsStringAsync();

        response.Content.Headers.ContentType!.MediaType.Should().Be("text/javascript");
        body.Should().Contain("export { createSession } from").And.Contain("customElements.define('credit-balance'");
        response.Header("Access-Control-Allow-Origin").Should().Be("*");
        response.Header("Cross-Origin-Resource-Policy").Should().Be("cross-origin");
        response.Header("X-Content-Type-Options").Should().Be("nosniff");
        response.Header("Cache-Control").Should().Contain("public").And.Contain("no-cache");
        response.Header("Vary").Should().Be("Accept-Encoding, Origin");
        response.Header("Session-Epoch").Should().BeNull("a publicly cached response must not contain the epoch");
    }

    [Test]
    public async Task The_types_are_served_beside_the_entry()
    {
        using var response = await _client.GetAsync("/session/session-recovery.d.ts");

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).Should().Contain("export function createSession(");
    }

    [TestCase(Entry)]
    [TestCase("/inner/assets/session-recovery.js")]
    public async Task Every_import_resolves_to_an_immutable_part(string entry)
    {
        var parts = await CollectPartsAsync(new Uri(_host.Address, entry));

        parts.Should().HaveCountGreaterThan(20);
        foreach (var part in parts)
        {
            using var response = await _client.GetAsync(part);
            response.StatusCode.Should().Be(HttpStatusCode.OK, "{0} is imported", part);
            response.Header("Cache-Control").Should().Be("public, max-age=31536000, immutable");
            response.Header("Access-Control-Allow-Origin").Should().Be("*");
            response.Content.Headers.ContentType!.MediaType.Should().Be("text/javascript");
        }
    }

    [Test]
    public async Task The_entry_imports_every_part_directly()
    {
        var entry = new Uri(_host.Address, Entry);

        var direct = await ReadImportsAsync(entry);

        direct.Should().BeEquivalentTo(
            await CollectPartsAsync(entry), "the browser then needs two round trips instead of one for each import level");
    }

    [Test]
    public async Task All_parts_share_one_hash()
    {
        var hashes = (await CollectPartsAsync(new Uri(_host.Address, Entry))).Select(part => part.Segments[3]).Distinct();

        hashes.Should().ContainSingle().Which.Should().MatchRegex("^[0-9a-f]{16}/$");
    }

    [TestCase("/session/session-recovery/0123456789abcdef/session.js")]
    [TestCase("/session/session-recovery/session.js")]
    [TestCase("/session/session-recovery/{hash}/missing.js")]
    [TestCase("/session/session-recovery/{hash}/")]
    [TestCase("/session/session-recovery/{hash}/SESSION.js")]
    public async Task An_unknown_hash_or_part_is_404_and_not_cached(string path)
    {
        var hash = (await ReadImportsAsync(new Uri(_host.Address, Entry))).First().Segments[3].TrimEnd('/');

        using var response = await _client.GetAsync(path.Replace("{hash}", hash, StringComparison.Ordinal));

        response.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (response.Header("Cache-Control") ?? "no-store").Should().Contain("no-store");
    }

    [TestCase("br", "br")]
    [TestCase("gzip", "gzip")]
    [TestCase("gzip, deflate, br, zstd", "br")]
    [TestCase("gzip;q=1, br;q=0.5", "gzip")]
    [TestCase("br;q=0, gzip", "gzip")]
    [TestCase("*", "br")]
    [TestCase("identity", null)]
    [TestCase("br;q=0, gzip;q=0", null)]
    [TestCase("nonsense;;q=", null)]
    [TestCase(null, null)]
    public async Task The_client_chooses_the_encoding(string? accepted, string? expected)
    {
        var plain = await _client.GetByteArrayAsync(Entry);

        using var response = await SendAsync(HttpMethod.Get, Entry, accepted);
        var body = await response.Content.ReadAsByteArrayAsync();

        response.Content.Headers.ContentEncoding.SingleOrDefault().Should().Be(expected);
        response.Header("Vary").Should().Be("Accept-Encoding, Origin");
        Decompress(body, expected).Should().Equal(plain);
        if (expected is not null)
        {
            body.Length.Should().BeLessThan(plain.Length);
        }
    }

    [Test]
    public async Task Each_encoding_has_its_own_ETag_and_answers_304()
    {
        var tags = new HashSet<string>();
        foreach (var encoding in (string?[])["br", "gzip", null])
        {
            using var response = await SendAsync(HttpMethod.Get, Entry, encoding);
            var tag = response.Headers.ETag!.ToString();
            using var unchanged = await SendAsync(HttpMethod.Get, Entry, encoding, tag);

            tags.Add(tag).Should().BeTrue("the encoding {0} has different bytes", encoding);
            unchanged.StatusCode.Should().Be(HttpStatusCode.NotModified);
            unchanged.Header("Vary").Should().Be("Accept-Encoding, Origin");
            (await unchanged.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
        }
    }

    [TestCase("br")]
    [TestCase(null)]
    public async Task Head_answers_the_headers_without_the_body(string? encoding)
    {
        using var get = await SendAsync(HttpMethod.Get, Entry, encoding);
        using var head = await SendAsync(HttpMethod.Head, Entry, encoding);

        head.StatusCode.Should().Be(HttpStatusCode.OK);
        head.Headers.ETag.Should().Be(get.Headers.ETag);
        head.Content.Headers.ContentLength.Should().Be((await get.Content.ReadAsByteArrayAsync()).Length);
        (await head.Content.ReadAsByteArrayAsync()).Should().BeEmpty();
    }

    [Test]
    public async Task Concurrent_first_requests_get_the_same_bytes()
    {
        var bodies = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var response = await SendAsync(HttpMethod.Get, Entry, "br");
            return Convert.ToBase64String(await response.Content.ReadAsByteArrayAsync());
        }));

        bodies.Distinct().Should().ContainSingle();
    }

    private static byte[] Decompress(byte[] body, string? encoding)
    {
        if (encoding is null)
        {
            return body;
        }

        using var input = new MemoryStream(body);
        using Stream decompressor = encoding == "br"
            ? new BrotliStream(input, CompressionMode.Decompress)
            : new GZipStream(input, CompressionMode.Decompress);
        using var output = new MemoryStream();
        decompressor.CopyTo(output);
        return output.ToArray();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? acceptEncoding, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (acceptEncoding is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", acceptEncoding);
        }

        if (ifNoneMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        }

        return await _client.SendAsync(request);
    }

    /// <summary>Loads the entry file and follows all imports, as a browser does.</summary>
    private async Task<HashSet<Uri>> CollectPartsAsync(Uri entry)
    {
        var found = new HashSet<Uri>();
        var pending = new Queue<Uri>([entry]);
        while (pending.TryDequeue(out var file))
        {
            foreach (var import in await ReadImportsAsync(file))
            {
                if (found.Add(import))
                {
                    pending.Enqueue(import);
                }
            }
        }

        return found;
    }

    private async Task<HashSet<Uri>> ReadImportsAsync(Uri file)
    {
        var source = await _client.GetStringAsync(file);
        return [.. ImportPattern().Matches(source).Select(match => new Uri(file, match.Groups[1].Value))];
    }

    [GeneratedRegex(@"^(?:import|export|\}) ?(?:[^';]*from )?'(\.[^']+)';", RegexOptions.Multiline)]
    private static partial Regex ImportPattern();
}
