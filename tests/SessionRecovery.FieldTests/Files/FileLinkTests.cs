using System.Net;
using System.Net.Http.Headers;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using SessionRecovery.FieldTests.Money;

namespace SessionRecovery.FieldTests.Files;

/// <summary>Tests that a signed link can be opened in a browser tab, is correct below every route prefix, and expires.</summary>
[TestFixture]
internal sealed class FileLinkTests : FileFieldTest
{
    [TestCase("/v1/uploads", "/v1/uploads")]
    [TestCase("/v1/uploads/", "/v1/uploads")]
    [TestCase("/tenants/acme/uploads", "/tenants/acme/uploads")]
    [TestCase("/tenants/acme/uploads/", "/tenants/acme/uploads")]
    [TestCase("/tenants/M%C3%BCller%20%26%20S%C3%B6hne/uploads/", "/tenants/M%C3%BCller%20&%20S%C3%B6hne/uploads")]
    [TestCase("/tenants/a%3Fb%23c/uploads", "/tenants/a%3Fb%23c/uploads")]
    [TestCase("/base/tenants/acme/uploads", "/base/tenants/acme/uploads")]
    [TestCase("/base/v1/uploads/", "/base/v1/uploads")]
    public async Task Addresses_are_right_below_a_prefix(string path, string expected)
    {
        await StartFilesAsync(
            use: static app => app.UsePathBase("/base").UseRouting().UseAuthentication().UseAuthorization(),
            map: static app =>
            {
                app.MapGroup("/v1").MapSessionRecoveryFiles("/uploads/");
                app.MapGroup("/tenants/{tenant}").MapSessionRecoveryFiles();
            });
        using var client = await Host.SignInAsync("ann");
        using var anonymous = new HttpClient { BaseAddress = Host.Address };

        using var uploaded = await UploadAsync(client, Wav, path: path);
        var url = uploaded.Headers.Location!.OriginalString;
        var listed = (await ListAsync(client, path)).Single().GetProperty("url").GetString();
        var link = await LinkAsync(client, url);
        var linkWithSlash = await LinkAsync(client, url, "/LINKS/");

        url.Should().StartWith($"{expected}/take-");
        listed.Should().Be(url);
        (await client.GetByteArrayAsync(url)).Should().Equal(Wav);
        link.Should().StartWith($"{url}/content?link=");
        (await anonymous.GetByteArrayAsync(link)).Should().Equal(Wav);
        (await anonymous.GetByteArrayAsync(linkWithSlash)).Should().Equal(Wav);
    }

    [TestCase("audio/wav", "media-src 'self'", "sandbox allow-same-origin")]
    [TestCase("image/png", "img-src 'self'", "sandbox allow-same-origin")]
    [TestCase("application/pdf", "object-src 'self'", null)]
    [TestCase("text/html", "default-src 'none'", "sandbox")]
    [TestCase("image/svg+xml", "default-src 'none'", "sandbox")]
    [TestCase("text/csv", "default-src 'none'", "sandbox")]
    public async Task The_policy_of_a_link_fits_its_type(string type, string part, string? sandbox)
    {
        await StartFilesAsync(configure: static builder =>
        {
            string[] types = ["application/pdf", "text/html", "image/svg+xml", "text/csv"];
            for (var index = 0; index < types.Length; index++)
            {
                builder.Configuration[$"SessionRecovery:Files:AllowedContentTypes:{index}"] = types[index];
            }
        });
        using var client = await Host.SignInAsync("ann");
        using var anonymous = new HttpClient { BaseAddress = Host.Address };
        byte[] content = type switch
        {
            "audio/wav" => Wav,
            "image/png" => [0x89, .. "PNG\r\n\u001A\n"u8],
            "application/pdf" => [.. "%PDF-1.7"u8],
            "text/html" => [.. "<html><script>alert(1)</script>"u8],
            "image/svg+xml" => [.. "<svg onload='alert(1)'/>"u8],
            _ => [.. "a;b"u8],
        };
        var file = await StoreAsync(client, content, type);

        using var response = await anonymous.GetAsync(await LinkAsync(client, file.GetProperty("url").GetString()!));

        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        var directives = policy.Split("; ");
        directives.Should().Contain(part).And.Contain("default-src 'none'");
        directives.Where(static directive => directive.StartsWith("sandbox", StringComparison.Ordinal))
            .Should().Equal(sandbox is null ? [] : [sandbox]);
        policy.Should().NotContain("script");
        response.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
    }

    [Test]
    public async Task An_output_cache_keeps_no_file_and_no_range_of_a_link()
    {
        await StartFilesAsync(
            use: static app => app.UseOutputCache(),
            configure: static builder => builder.Services.AddOutputCache(options => options.AddBasePolicy(new CacheEverything())));
        using var client = await Host.SignInAsync("ann");
        using var anonymous = new HttpClient { BaseAddress = Host.Address };
        var url = (await StoreAsync(client, Wav)).GetProperty("url").GetString()!;
        var link = await LinkAsync(client, url);
        var other = await LinkAsync(client, url);

        (await anonymous.GetByteArrayAsync(link)).Should().Equal(Wav);
        using var range = new HttpRequestMessage(HttpMethod.Get, link);
        range.Headers.Range = new RangeHeaderValue(100, 199);
        using var part = await anonymous.SendAsync(range);
        part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync()).Should().Equal(Wav[100..200]);
        (await anonymous.GetByteArrayAsync(link)).Should().Equal(Wav);
        (await anonymous.GetByteArrayAsync(other)).Should().Equal(Wav);

        Time.Advance(TimeSpan.FromMinutes(15));
        using var late = await anonymous.GetAsync(link);
        late.StatusCode.Should().Be(HttpStatusCode.Forbidden);

        using var fresh = await Host.SignInAsync("ann");
        var last = await LinkAsync(fresh, url);
        (await anonymous.GetByteArrayAsync(last)).Should().Equal(Wav);
        using var deleted = await fresh.DeleteAsync(url);
        using var gone = await anonymous.GetAsync(last);
        gone.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }
}
