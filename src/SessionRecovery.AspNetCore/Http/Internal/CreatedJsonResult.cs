using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>Represents a 201 response with a <c>Location</c> header and a JSON body.</summary>
internal sealed class CreatedJsonResult<T>(string location, T value) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status201Created, typeof(T), ["application/json"]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.Location = location;
        return httpContext.Response.WriteJsonAsync(StatusCodes.Status201Created, value);
    }
}
